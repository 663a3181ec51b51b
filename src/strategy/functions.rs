//! What can be called in a strategy: indicators, crossings and changes.

use super::{
    graph::{Frame, Id, Op},
    infer::{FUNCTIONS, Infer, Val, function},
    instance::to_f64,
};
use crate::{
    expr::{Callee, Expr, Fact, Kind, nearest},
    market::indicators::{self, Indicator},
    source::{Code, Diagnostic, Span},
    syntax::ast::{self, ArgKind, ExprKind},
    value::{Ty, Value},
};

impl Infer<'_> {
    pub(super) fn call(&mut self, callee: &ast::Expr, args: &[ast::Arg], args_span: Option<Span>, span: Span) -> Val {
        let ExprKind::Ref(name) = &callee.kind else {
            self.report(Diagnostic::new(
                Code::S006,
                callee.span,
                "a rule reads bars only: nothing else can be called in a strategy",
            ));
            return Val::Unknown;
        };
        if let Some(it) = function(&name.text) {
            self.types.learn(Fact::Call(Callee::Function(it.name), callee, args, args_span));
        }
        match &*name.text {
            "crosses_above" | "crosses_below" => self.cross(name, args, span),
            "change" => self.change(name, args, span),
            text => {
                if let Some(which) = indicators::find(text) {
                    self.types.learn(Fact::Call(Callee::Indicator(which), callee, args, args_span));
                    return self.indicator(which, name, args, span);
                }
                let known = indicators::all().flat_map(|it| std::iter::once(&it.name).chain(it.aliases));
                let found = Diagnostic::new(Code::N003, name.span, format!("there is no indicator `{text}`"));
                self.report(match nearest(text, known.copied().chain(FUNCTIONS.iter().map(|it| it.name))) {
                    _ if ["shift", "ref", "lag", "prev", "previous"].contains(&text) => {
                        found.help("the value n bars ago is `x[n]`, as in `close[1]`")
                    }
                    Some(like) => found.fix("one with a similar name exists", name.span, like),
                    None => found,
                });
                Val::Unknown
            }
        }
    }

    /// Matches arguments with names; the ones without come in order.
    fn arguments<'e>(
        &mut self,
        name: &ast::Name,
        args: &'e [ast::Arg],
        params: &[&str],
    ) -> Option<Vec<Option<&'e ast::Expr>>> {
        let mut given: Vec<Option<&ast::Expr>> = vec![None; params.len()];
        let before = self.out.len();
        let mut next = 0;
        for arg in args {
            let (at, value) = match &arg.kind {
                ArgKind::Positional(value) => {
                    next += 1;
                    (Some(next - 1), value)
                }
                ArgKind::Named(key, value) => {
                    let at = params.iter().position(|it| *it == &*key.text);
                    if at.is_none() {
                        let message = format!("`{}` takes no argument `{}`", name.text, key.text);
                        let found = Diagnostic::new(Code::N004, key.span, message);
                        self.report(match nearest(&key.text, params.iter().copied()) {
                            Some(like) => found.fix("an argument with a similar name exists", key.span, like),
                            None => found.note(format!("its arguments are: {}", params.join(", "))),
                        });
                        continue;
                    }
                    (at, value)
                }
                ArgKind::Spread(value) => {
                    self.report(Diagnostic::new(
                        Code::N004,
                        value.span,
                        format!("`{}` takes no spread record", name.text),
                    ));
                    continue;
                }
            };
            match at.and_then(|at| given.get_mut(at)) {
                Some(slot @ None) => *slot = Some(value),
                Some(Some(_)) => self.report(Diagnostic::new(Code::S008, arg.span, "this argument is given twice")),
                None => {
                    let message = format!("`{}` takes {} arguments at most", name.text, params.len());
                    self.report(
                        Diagnostic::new(Code::N004, value.span, message)
                            .note(format!("they are: {}", params.join(", "))),
                    );
                }
            }
        }
        (self.out.len() == before).then_some(given)
    }

    fn missing(&mut self, name: &ast::Name, what: &str, span: Span) -> Val {
        self.report(Diagnostic::new(Code::N005, span, format!("`{}` needs {what}", name.text)));
        Val::Unknown
    }

    /// Returns the column of numbers of an argument.
    fn numbers(&mut self, it: &ast::Expr) -> Option<Id> {
        let val = self.infer(it);
        let (id, ty) = self.series(val, it.span)?;
        if ty == Ty::Bool {
            self.report(Diagnostic::new(Code::T001, it.span, "expected numbers, found true or false"));
            return None;
        }
        Some(id)
    }

    fn cross(&mut self, name: &ast::Name, args: &[ast::Arg], span: Span) -> Val {
        let Some(given) = self.arguments(name, args, &["a", "b"]) else { return Val::Unknown };
        let [Some(a), Some(b)] = given[..] else {
            return self.missing(name, "two series, as in `crosses_above(fast, slow)`", span);
        };
        match (self.numbers(a), self.numbers(b)) {
            (Some(a), Some(b)) => {
                let op = Op::Cross { above: &*name.text == "crosses_above", a, b };
                Val::Series(self.graph.add(op, self.frame), Ty::Bool)
            }
            _ => Val::Unknown,
        }
    }

    fn change(&mut self, name: &ast::Name, args: &[ast::Arg], span: Span) -> Val {
        let Some(given) = self.arguments(name, args, &["values", "bars"]) else { return Val::Unknown };
        let Some(Some(values)) = given.first() else {
            return self.missing(name, "a series, as in `change(close, 5)`", span);
        };
        let values = self.numbers(values);
        let n = match given.get(1) {
            Some(Some(n)) => self.count(n, "how far back"),
            _ => Some(
                self.graph.add(Op::Scalar(Expr { kind: Kind::Const(Value::Int(1)), ty: Ty::Int, span }), Frame::Base),
            ),
        };
        match (values, n) {
            (Some(values), Some(n)) => Val::Series(self.graph.add(Op::Change(values, n), self.frame), Ty::Decimal),
            _ => Val::Unknown,
        }
    }

    fn indicator(&mut self, which: &'static Indicator, name: &ast::Name, args: &[ast::Arg], span: Span) -> Val {
        let names: Vec<&str> = which.params.iter().map(|it| it.name).collect();
        // The series come first; where one is not said it is a price. An indicator of whole bars takes none.
        let mut rest = args;
        let mut series = Vec::new();
        for (column, price) in which.series() {
            let given = match rest.split_first() {
                Some((ast::Arg { kind: ArgKind::Positional(it), .. }, others))
                    if !self.is_scalar(it) || rest.len() > names.len() =>
                {
                    rest = others;
                    Some(it)
                }
                _ => args.iter().find_map(|it| match &it.kind {
                    ArgKind::Named(name, value) if *name.text == *column.name() => Some(value),
                    _ => None,
                }),
            };
            series.push(match given {
                Some(it) => match self.numbers(it) {
                    Some(id) => id,
                    None => return Val::Unknown,
                },
                None => self.graph.add(Op::Price(price), self.frame),
            });
        }
        if let Some(ast::Arg { kind: ArgKind::Positional(it), .. }) = rest.first()
            && series.is_empty()
            && !self.is_scalar(it)
        {
            let message = format!("`{}` takes no series: it reads the bars themselves", which.name);
            let found = Diagnostic::new(Code::N004, it.span, message);
            self.report(if names.is_empty() {
                found
            } else {
                found.note(format!("its arguments are: {}", names.join(", ")))
            });
            return Val::Unknown;
        }
        let is_series = |it: &ast::Arg| matches!(&it.kind, ArgKind::Named(name, _) if which.series().any(|(column, _)| *name.text == *column.name()));
        let rest: Vec<_> = rest.iter().filter(|it| !is_series(it)).cloned().collect();
        let Some(given) = self.arguments(name, &rest, &names) else { return Val::Unknown };
        let mut params = Vec::with_capacity(names.len());
        for (param, given) in which.params.iter().zip(given) {
            let Some(id) = self.param(which, param, given, span) else { return Val::Unknown };
            params.push(id);
        }
        let id = self.graph.add(Op::Indicator { which, series, params }, self.frame);
        match which.outputs {
            [_] => Val::Series(self.graph.add(Op::Output(id, 0), self.frame), Ty::Decimal),
            _ => Val::Outputs(id, which),
        }
    }

    fn param(
        &mut self,
        which: &Indicator,
        param: &indicators::Param,
        given: Option<&ast::Expr>,
        span: Span,
    ) -> Option<Id> {
        let Some(given) = given else {
            let kind = Kind::Const(number(param.default));
            return Some(self.graph.add(Op::Scalar(Expr { kind, ty: Ty::Decimal, span }), Frame::Base));
        };
        let what = format!("`{}` of `{}`", param.name, which.name);
        if param.whole {
            let id = self.count(given, &what)?;
            self.check_bounds(which, param, id, given.span)?;
            return Some(id);
        }
        if !self.is_scalar(given) {
            self.report(Diagnostic::new(Code::T001, given.span, format!("{what} must be the same at every bar")));
            return None;
        }
        let it = self.scalar(given, Some(&Ty::Decimal));
        if it.ty == Ty::Unknown {
            return None;
        }
        let id = self.graph.add(Op::Scalar(it), Frame::Base);
        self.check_bounds(which, param, id, given.span)?;
        Some(id)
    }

    fn check_bounds(&mut self, which: &Indicator, param: &indicators::Param, id: Id, span: Span) -> Option<()> {
        let Some(Op::Scalar(Expr { kind: Kind::Const(value), .. })) = self.graph.get(id).map(|it| &it.op) else {
            return Some(());
        };
        let value = to_f64(value).unwrap_or(f64::NAN);
        if (param.min..=param.max).contains(&value) {
            return Some(());
        }
        let nearest = if value < param.min { param.min } else { param.max };
        let message =
            format!("`{}` of `{}` is from {} to {}, not {value}", param.name, which.name, param.min, param.max);
        self.report(Diagnostic::new(Code::T007, span, message).fix(
            "take the nearest bound",
            span,
            nearest.to_string(),
        ));
        None
    }
}

/// Returns a number as a value of the language.
fn number(it: f64) -> Value {
    rust_decimal::Decimal::try_from(it).map_or(Value::None, Value::Decimal)
}
