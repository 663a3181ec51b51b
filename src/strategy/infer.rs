//! From the rules of a strategy as they are written to columns.

use std::collections::{BTreeSet, HashMap};

use super::graph::{Frame, Graph, Id, Op};
use crate::{
    expr::{self, Expr, Fact, Found, Kind, Scope, Slot, Template, Types, check_binary, in_words, is_number, nearest},
    market::indicators::{self, Column, Indicator},
    source::{Code, Diagnostic, Span},
    syntax::ast::{self, ArgKind, BinaryOp, ExprKind, UnaryOp},
    value::{Field, Name, Ty, Value},
};

/// The series that every bar has.
pub const PRICES: &[(&str, Column)] = &[
    ("open", Column::Open),
    ("high", Column::High),
    ("low", Column::Low),
    ("close", Column::Close),
    ("volume", Column::Volume),
];

/// A function that only strategies have.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Its parameters and its value.
    pub signature: &'static str,
    /// What it does, in a sentence.
    pub doc: &'static str,
}

/// The functions that only strategies have; the indicators have a list of their own.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "crosses_above",
        signature: "(a: Series, b: Series) -> Series<Bool>",
        doc: "Says whether `a` is above `b` at this bar and was not at the one before.",
    },
    Function {
        name: "crosses_below",
        signature: "(a: Series, b: Series) -> Series<Bool>",
        doc: "Says whether `a` is below `b` at this bar and was not at the one before.",
    },
    Function {
        name: "change",
        signature: "(values: Series, bars: Int = 1) -> Series<Decimal>",
        doc: "Gives by how much a series differs from what it was some bars ago.",
    },
];

/// Returns the function of this name.
pub(super) fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|it| it.name == name)
}

/// What is known of the account; it belongs to sizes and to nothing else.
const ACCOUNT: &[&str] = &["equity", "capital"];

/// What an expression of a strategy is.
#[derive(Clone, Debug)]
pub(super) enum Val {
    /// The same at every bar.
    Scalar(Expr),
    /// A value for each bar, of this type.
    Series(Id, Ty),
    /// The outputs of an indicator, to be picked by name.
    Outputs(Id, &'static Indicator),
    /// What could not be checked.
    Unknown,
}

impl Val {
    /// Returns its type as files write it.
    pub(super) fn ty(&self) -> Ty {
        match self {
            Self::Scalar(it) => it.ty.clone(),
            Self::Series(_, ty) => Ty::Series(ty.clone().into()),
            Self::Outputs(..) | Self::Unknown => Ty::Unknown,
        }
    }
}

/// What a `let` is.
enum Let {
    Open(ast::Let),
    Busy,
    Known(Val, Frame),
}

/// The state of checking a strategy.
pub(super) struct Infer<'a> {
    pub(super) graph: Graph,
    pub(super) params: Vec<Field>,
    pub(super) used: BTreeSet<Name>,
    pub(super) out: &'a mut Vec<Diagnostic>,
    lets: HashMap<Name, Let>,
    pub(super) frame: Frame,
    pub(super) types: &'a dyn Types,
}

/// The names that an expression without series sees.
struct Scalars<'a> {
    params: &'a [Field],
    lets: &'a HashMap<Name, Let>,
    types: &'a dyn Types,
}

impl Scope for Scalars<'_> {
    fn find(&mut self, name: &str) -> Option<Found> {
        if let Some(at) = self.params.iter().position(|it| *it.name == *name) {
            let slot = Slot { up: 0, index: u32::try_from(at).unwrap_or(u32::MAX) };
            let ty = self.params.get(at).map_or(Ty::Unknown, |it| it.ty.clone());
            return Some(Found { kind: Kind::Slot(slot), ty, declared: None });
        }
        match self.lets.get(name)? {
            Let::Known(Val::Scalar(it), _) => Some(Found { kind: it.kind.clone(), ty: it.ty.clone(), declared: None }),
            _ => Some(Found { kind: Kind::Const(Value::None), ty: Ty::Unknown, declared: None }),
        }
    }
    fn names(&self) -> Vec<(Name, Ty)> {
        let params = self.params.iter().map(|it| (it.name.clone(), it.ty.clone()));
        let lets = self.lets.iter().map(|(name, it)| {
            let ty = if let Let::Known(val, _) = it { val.ty() } else { Ty::Unknown };
            (name.clone(), ty)
        });
        let prices = PRICES.iter().map(|(name, _)| (Name::from(*name), Ty::Series(Ty::Decimal.into())));
        let mut names: Vec<_> = params.chain(lets).chain(prices).collect();
        names.sort_by(|a, b| a.0.cmp(&b.0));
        names
    }
    fn template(&mut self, _: &str) -> Option<std::sync::Arc<dyn Template>> {
        None
    }
    fn templates(&self) -> Vec<String> {
        Vec::new()
    }
    fn fields(&self, _: &Ty) -> Vec<Field> {
        Vec::new()
    }
    fn learn(&self, fact: Fact<'_>) {
        self.types.learn(fact);
    }
}

impl<'a> Infer<'a> {
    pub(super) fn new(params: Vec<Field>, types: &'a dyn Types, out: &'a mut Vec<Diagnostic>) -> Self {
        let graph = Graph::new(params.iter().map(|it| it.name.clone()).collect());
        Self { graph, params, used: BTreeSet::new(), out, lets: HashMap::new(), frame: Frame::Base, types }
    }

    /// Returns every name that its expressions see, with its type.
    pub(super) fn names(&self) -> Vec<(Name, Ty)> {
        Scalars { params: &self.params, lets: &self.lets, types: self.types }.names()
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.out.push(diagnostic);
    }

    /// Adds a `let`, which is checked when it is first used.
    pub(super) fn declare(&mut self, it: &ast::Let) {
        self.lets.insert(it.name.text.clone(), Let::Open(it.clone()));
    }

    /// Checks an expression that follows from the parameters alone.
    pub(super) fn scalar(&mut self, it: &ast::Expr, want: Option<&Ty>) -> Expr {
        self.is_scalar(it);
        let scope = &mut Scalars { params: &self.params, lets: &self.lets, types: self.types };
        expr::lower(it, scope, want, self.out)
    }

    /// Says whether an expression follows from the parameters alone; checks the lets that it names.
    pub(super) fn is_scalar(&mut self, it: &ast::Expr) -> bool {
        match &it.kind {
            ExprKind::Literal { .. } | ExprKind::Text(_) | ExprKind::Bad => true,
            ExprKind::Ref(name) => self.name_is_scalar(&name.text),
            ExprKind::Field(inner, _) | ExprKind::Unary(_, inner) | ExprKind::Paren(inner) => self.is_scalar(inner),
            ExprKind::Index(a, b) => self.is_scalar(a) & self.is_scalar(b),
            ExprKind::Binary { left, right, .. } => self.is_scalar(left) & self.is_scalar(right),
            ExprKind::List(items) => items.iter().fold(true, |so_far, it| so_far & self.is_scalar(it)),
            ExprKind::Record(args) => self.args_are_scalar(args),
            ExprKind::Call { callee, args, .. } => {
                let builtin = match &callee.kind {
                    ExprKind::Ref(name) => is_builtin(&name.text) && !is_series_function(&name.text),
                    _ => false,
                };
                builtin & self.args_are_scalar(args)
            }
        }
    }

    fn args_are_scalar(&mut self, args: &[ast::Arg]) -> bool {
        args.iter().fold(true, |so_far, it| {
            let (ArgKind::Named(_, it) | ArgKind::Positional(it) | ArgKind::Spread(it)) = &it.kind;
            so_far & self.is_scalar(it)
        })
    }

    fn name_is_scalar(&mut self, name: &Name) -> bool {
        if self.params.iter().any(|it| it.name == *name) {
            self.used.insert(name.clone());
            return true;
        }
        if self.lets.contains_key(name) {
            return matches!(self.let_value(name, None).0, Val::Scalar(_));
        }
        // What is not known at all is reported where expressions are.
        !PRICES.iter().any(|(it, _)| *it == &**name) && !ACCOUNT.contains(&&**name) && !is_series_function(name)
    }

    /// Returns what a `let` is, checking it on first use.
    pub(super) fn let_value(&mut self, name: &Name, at: Option<Span>) -> (Val, Frame) {
        if at.is_some() || self.used.contains(name) {
            self.used.insert(name.clone());
        }
        let Some(entry) = self.lets.get_mut(name) else { return (Val::Unknown, Frame::Base) };
        let it = match std::mem::replace(entry, Let::Busy) {
            Let::Open(it) => it,
            Let::Busy => {
                let message = format!("`{name}` is made of itself");
                let span = at.unwrap_or_default();
                if at.is_some() {
                    self.report(
                        Diagnostic::new(Code::G001, span, message)
                            .help("the value of a bar before is `x[1]` of another series"),
                    );
                }
                return (Val::Unknown, Frame::Base);
            }
            known @ Let::Known(..) => {
                let Let::Known(val, frame) = &known else { return (Val::Unknown, Frame::Base) };
                let result = (val.clone(), *frame);
                *entry = known;
                return result;
            }
        };
        let outer = std::mem::replace(&mut self.frame, Frame::Base);
        let val = match &it.on {
            Some(timeframe) => self.slower(&it.value, timeframe),
            None => self.infer(&it.value),
        };
        self.frame = outer;
        self.lets.insert(name.clone(), Let::Known(val.clone(), Frame::Base));
        (val, Frame::Base)
    }

    fn slower(&mut self, value: &ast::Expr, timeframe: &ast::Expr) -> Val {
        let timeframe = self.scalar(timeframe, Some(&Ty::Duration));
        if timeframe.ty == Ty::Unknown {
            return Val::Unknown;
        }
        if let Kind::Const(Value::Duration(it)) = &timeframe.kind
            && it.0 < 60_000
        {
            self.report(Diagnostic::new(
                Code::T007,
                timeframe.span,
                format!("{it} is no timeframe: bars are a minute and longer"),
            ));
            return Val::Unknown;
        }
        let at = self.graph.slower(timeframe);
        self.frame = Frame::Slower(at);
        let val = self.infer(value);
        self.frame = Frame::Base;
        match self.series(val, value.span) {
            Some((id, ty)) => Val::Series(self.graph.add(Op::Slower(id, at), Frame::Base), ty),
            None => Val::Unknown,
        }
    }

    /// Returns the column of a value; reports where it has none.
    pub(super) fn series(&mut self, val: Val, span: Span) -> Option<(Id, Ty)> {
        match val {
            Val::Series(id, ty) => Some((id, ty)),
            Val::Scalar(it) if it.ty == Ty::Unknown => None,
            Val::Scalar(it) => {
                let ty = it.ty.clone();
                if !is_number(&ty) && !matches!(ty, Ty::Percent | Ty::Bool | Ty::BarCount) {
                    let message = format!("{} has no place among the values of bars", in_words(&ty));
                    self.report(Diagnostic::new(Code::T001, span, message));
                    return None;
                }
                Some((self.graph.add(Op::Scalar(it), Frame::Base), ty))
            }
            Val::Outputs(_, which) => {
                let names: Vec<&str> = which.outputs.iter().map(|it| it.name).collect();
                let outputs = names.join(", ");
                let found =
                    Diagnostic::new(Code::T001, span, format!("`{}` gives several series: {outputs}", which.name));
                let first = names.first().copied().unwrap_or_default();
                self.report(found.fix("say which one", span.after(), format!(".{first}")));
                None
            }
            Val::Unknown => None,
        }
    }

    /// Returns the column of a condition; reports where it is none.
    pub(super) fn condition(&mut self, it: &ast::Expr) -> Option<Id> {
        let val = self.infer(it);
        let (id, ty) = self.series(val, it.span)?;
        if ty == Ty::Bool {
            return Some(id);
        }
        let found = Diagnostic::new(Code::T001, it.span, format!("expected true or false, found {}", in_words(&ty)));
        self.report(found.help("compare it with something, as in `close > sma(close, 20)`"));
        None
    }

    /// Checks an expression.
    pub(super) fn infer(&mut self, it: &ast::Expr) -> Val {
        if self.is_scalar(it) {
            return Val::Scalar(self.scalar(it, None));
        }
        match &it.kind {
            ExprKind::Ref(name) => self.name(name),
            ExprKind::Paren(inner) => self.infer(inner),
            ExprKind::Field(base, name) => self.field(base, name),
            ExprKind::Index(base, n) => self.back(base, n, it.span),
            ExprKind::Call { callee, args, args_span } => self.call(callee, args, Some(*args_span), it.span),
            ExprKind::Unary(op, inner) => self.unary(*op, inner, it.span),
            ExprKind::Binary { .. } => self.binary(it),
            _ => {
                self.report(Diagnostic::new(Code::T001, it.span, "a rule is made of numbers and conditions only"));
                Val::Unknown
            }
        }
    }

    fn name(&mut self, name: &ast::Name) -> Val {
        if self.lets.contains_key(&name.text) {
            let (val, _) = self.let_value(&name.text, Some(name.span));
            let kind = Kind::Const(Value::None);
            self.types.learn(Fact::Value(name, &Found { kind, ty: val.ty(), declared: None }));
            if self.frame != Frame::Base && matches!(val, Val::Series(..) | Val::Outputs(..)) {
                let message = format!(
                    "`{}` has a value for each of the bars' own, here one for each slower bar is wanted",
                    name.text
                );
                self.report(Diagnostic::new(Code::T001, name.span, message).help("write out here what it is"));
                return Val::Unknown;
            }
            return val;
        }
        if let Some((_, column)) = PRICES.iter().find(|(it, _)| *it == &*name.text) {
            self.types.learn(Fact::Price(name));
            return Val::Series(self.graph.add(Op::Price(*column), self.frame), Ty::Decimal);
        }
        if ACCOUNT.contains(&&*name.text) {
            let message = format!("`{}` is not known to a rule: it says how much, not when", name.text);
            self.report(
                Diagnostic::new(Code::N003, name.span, message).help("use it in `orders`, as in `size: 10% of equity`"),
            );
            return Val::Unknown;
        }
        // An indicator without parentheses, with all its defaults.
        let callee = ast::Expr { kind: ExprKind::Ref(name.clone()), span: name.span };
        self.call(&callee, &[], None, name.span)
    }

    fn field(&mut self, base: &ast::Expr, name: &ast::Name) -> Val {
        let (known, of) = match self.infer(base) {
            Val::Outputs(id, which) => {
                self.types.learn(Fact::Output(name, which));
                (which.outputs.iter().map(|it| it.name).collect(), Some(id))
            }
            Val::Unknown => return Val::Unknown,
            Val::Scalar(it) if it.ty == Ty::Unknown => return Val::Unknown,
            _ => (Vec::new(), None),
        };
        if let (Some(at), Some(of)) = (known.iter().position(|it| *it == &*name.text), of) {
            return Val::Series(self.graph.add(Op::Output(of, at), self.frame), Ty::Decimal);
        }
        let mut found = Diagnostic::new(Code::N010, name.span, format!("this series has no field `{}`", name.text));
        if let Some(like) = nearest(&name.text, known.iter().copied()) {
            found = found.fix("a field with a similar name exists", name.span, like);
        }
        self.report(if known.is_empty() { found } else { found.note(format!("it has: {}", known.join(", "))) });
        Val::Unknown
    }

    fn back(&mut self, base: &ast::Expr, n: &ast::Expr, span: Span) -> Val {
        let val = self.infer(base);
        if let Some((_, shown)) = negative(n) {
            let bars = if shown == "1" { "bar" } else { "bars" };
            let at = Span { start: base.span.end, ..span };
            self.report(
                Diagnostic::new(Code::B001, at, "this rule reads a bar that has not happened yet")
                    .here(format!("{shown} {bars} in the future"))
                    .note("`x[n]` is the value n bars ago, so n cannot be negative")
                    .fix("compare with a bar before", n.span, shown),
            );
            return Val::Unknown;
        }
        if !self.is_scalar(n) {
            self.report(Diagnostic::new(Code::T001, n.span, "how far back a rule looks must be the same at every bar"));
            return Val::Unknown;
        }
        let n = self.count(n, "how far back");
        match (self.series(val, base.span), n) {
            (Some((id, ty)), Some(n)) => Val::Series(self.graph.add(Op::Back(id, n), self.frame), ty),
            _ => Val::Unknown,
        }
    }

    /// Checks a number of bars, as a whole number or as `20 bars`.
    pub(super) fn count(&mut self, it: &ast::Expr, what: &str) -> Option<Id> {
        if !self.is_scalar(it) {
            self.report(Diagnostic::new(Code::T001, it.span, format!("{what} must be the same at every bar")));
            return None;
        }
        let before = self.out.len();
        let free = self.scalar(it, None);
        let number =
            if free.ty == Ty::BarCount || self.out.len() > before { free } else { self.scalar(it, Some(&Ty::Int)) };
        (number.ty != Ty::Unknown).then(|| self.graph.add(Op::Scalar(number), Frame::Base))
    }

    fn unary(&mut self, op: UnaryOp, inner: &ast::Expr, span: Span) -> Val {
        if op == UnaryOp::Not {
            return match self.condition(inner) {
                Some(id) => Val::Series(self.graph.add(Op::Not(id), self.frame), Ty::Bool),
                None => Val::Unknown,
            };
        }
        let val = self.infer(inner);
        match self.series(val, inner.span) {
            Some((id, ty)) if ty != Ty::Bool => Val::Series(self.graph.add(Op::Neg(id), self.frame), ty),
            Some(_) => {
                self.report(Diagnostic::new(Code::T003, span, "true or false has no negative").help("write `not`"));
                Val::Unknown
            }
            None => Val::Unknown,
        }
    }

    /// Long chains lean to the left; they are walked, not recursed into.
    fn binary(&mut self, it: &ast::Expr) -> Val {
        let mut chain = Vec::new();
        let mut first = it;
        while let ExprKind::Binary { op, op_span, left, right } = &first.kind
            && (chain.is_empty() || !self.is_scalar(first))
        {
            chain.push((*op, *op_span, &**right));
            first = left;
        }
        let mut val = self.infer(first);
        let mut span = first.span;
        while let Some((op, op_span, right)) = chain.pop() {
            val = self.combine(op, op_span, val, span, right);
            span = span.to(right.span);
        }
        val
    }

    fn combine(&mut self, op: BinaryOp, op_span: Span, left: Val, left_span: Span, right: &ast::Expr) -> Val {
        if op == BinaryOp::In {
            return self.within(left, left_span, op_span, right);
        }
        if matches!(op, BinaryOp::Range | BinaryOp::By) {
            self.report(Diagnostic::new(Code::T001, op_span, "the ends of a range must be the same at every bar"));
            return Val::Unknown;
        }
        let right_val = self.infer(right);
        let (a, b) = (self.series(left, left_span), self.series(right_val, right.span));
        let (Some((a, a_ty)), Some((b, b_ty))) = (a, b) else { return Val::Unknown };
        self.apply(op, op_span, &(a, a_ty, left_span), &(b, b_ty, right.span))
    }

    fn apply(&mut self, op: BinaryOp, op_span: Span, left: &(Id, Ty, Span), right: &(Id, Ty, Span)) -> Val {
        // What a message is to quote must be the constant itself.
        let operand = |graph: &Graph, (id, ty, span): &(Id, Ty, Span)| match graph.get(*id).map(|it| &it.op) {
            Some(Op::Scalar(it)) => it.clone(),
            _ => Expr { kind: Kind::Slot(Slot { up: u16::MAX, index: 0 }), ty: ty.clone(), span: *span },
        };
        let (mut a, mut b) = (operand(&self.graph, left), operand(&self.graph, right));
        (a.span, b.span) = (left.2, right.2);
        let scope = &mut Scalars { params: &self.params, lets: &self.lets, types: self.types };
        let ty = match check_binary(op, op_span, &a, &b, scope, self.out) {
            Ty::Unknown => return Val::Unknown,
            Ty::Int => Ty::Decimal,
            ty => ty,
        };
        Val::Series(self.graph.add(Op::Binary(op, left.0, right.0), self.frame), ty)
    }

    /// `x in low..high` is two comparisons.
    fn within(&mut self, left: Val, left_span: Span, op_span: Span, right: &ast::Expr) -> Val {
        let range = if let ExprKind::Paren(inner) = &right.kind { inner } else { right };
        let ExprKind::Binary { op: BinaryOp::Range, left: low, right: high, .. } = &range.kind else {
            let found = Diagnostic::new(Code::T001, right.span, "a series can be in a range only");
            self.report(found.help("write `rsi(close, 14) in 30..70`"));
            return Val::Unknown;
        };
        let Some((id, ty)) = self.series(left, left_span) else { return Val::Unknown };
        let mut bound = |op, at: &ast::Expr| {
            let val = self.infer(at);
            let (bound, bound_ty) = self.series(val, at.span)?;
            match self.apply(op, op_span, &(id, ty.clone(), left_span), &(bound, bound_ty, at.span)) {
                Val::Series(id, _) => Some(id),
                _ => None,
            }
        };
        match (bound(BinaryOp::Ge, low), bound(BinaryOp::Le, high)) {
            (Some(a), Some(b)) => Val::Series(self.graph.add(Op::Binary(BinaryOp::And, a, b), self.frame), Ty::Bool),
            _ => Val::Unknown,
        }
    }
}

/// Returns the absolute value of a negative literal, as it is written.
fn negative(it: &ast::Expr) -> Option<(Span, String)> {
    match &it.kind {
        ExprKind::Paren(inner) => negative(inner),
        ExprKind::Unary(UnaryOp::Neg, inner) => match &inner.kind {
            ExprKind::Literal { value: Value::Int(1..), text } => Some((it.span, text.to_string())),
            _ => None,
        },
        ExprKind::Literal { value: Value::Int(n @ ..=-1), .. } => Some((it.span, n.unsigned_abs().to_string())),
        _ => None,
    }
}

fn is_builtin(name: &str) -> bool {
    expr::BUILTINS.iter().any(|it| it.name == name)
}

fn is_series_function(name: &str) -> bool {
    function(name).is_some() || indicators::find(name).is_some()
}
