//! Checked expressions. Only [`lower`](super::lower) makes them, so every name in one is resolved and every type fits.

use std::{fmt, sync::Arc};

use super::{
    Context,
    lower::{Call, Lowering},
};
use crate::{
    market::indicators::Indicator,
    slice::Fault,
    source::Span,
    syntax::ast::{self, BinaryOp},
    value::{Field, Mismatch, Name, Ty, Value},
};

/// A checked expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it computes.
    pub kind: Kind,
    /// The type of its value.
    pub ty: Ty,
    /// Where it stands.
    pub span: Span,
}

/// What a checked expression computes.
#[derive(Clone, Debug)]
pub enum Kind {
    /// What is known before the run.
    Const(Value),
    /// A param, a let, a loop variable or the result of a step.
    Slot(Slot),
    /// What the run knows by itself.
    Context(Context),
    /// `a.b`.
    Field(Box<Expr>, Name),
    /// `a[n]` of a list.
    Index(Box<Expr>, Box<Expr>),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `{ a: 1, ..p }`; of two fields of one name the later counts.
    Record(Vec<Part>),
    /// `not a`.
    Not(Box<Expr>),
    /// `-a`.
    Neg(Box<Expr>),
    /// `a + b`; `and` and `or` do not look at what they need not.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `low..high by step`.
    Range(Box<Expr>, Box<Expr>, Option<Box<Expr>>),
    /// Text that becomes a symbol, a path or a member once it is known; the type is the expression's.
    Convert(Box<Expr>),
    /// A builtin with its arguments in the order of its parameters; what was left out is the default.
    Builtin(&'static Builtin, Vec<Expr>),
    /// A strategy with its parameters: a record.
    Make(Arc<dyn Template>, Box<Expr>),
}

impl Expr {
    /// Returns a constant that stands nowhere.
    pub fn constant(value: Value) -> Self {
        Self { ty: super::lower::literal_ty(&value), kind: Kind::Const(value), span: Span::default() }
    }

    /// Returns the expressions that it is made of, one level down.
    pub fn parts<'a>(&'a self) -> Vec<&'a Expr> {
        match &self.kind {
            Kind::Const(_) | Kind::Slot(_) | Kind::Context(_) => Vec::new(),
            Kind::Field(it, _) | Kind::Not(it) | Kind::Neg(it) | Kind::Convert(it) | Kind::Make(_, it) => vec![it],
            Kind::Index(a, b) | Kind::Binary(_, a, b) => vec![a, b],
            Kind::Range(low, high, by) => [low, high].into_iter().chain(by).map(|it| &**it).collect(),
            Kind::List(items) | Kind::Builtin(_, items) => items.iter().collect(),
            Kind::Record(parts) => {
                let value = |(Part::Field(_, it) | Part::Spread(it)): &'a Part| it;
                parts.iter().map(value).collect()
            }
        }
    }

    /// Shows the expression and all that it is made of.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        see(self);
        self.parts().into_iter().for_each(|it| it.visit(see));
    }
}

/// A part of a record.
#[derive(Clone, Debug)]
pub enum Part {
    /// `name: e`.
    Field(Name, Expr),
    /// `..e`.
    Spread(Expr),
}

/// Where the value of a name is at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// How many bodies further out.
    pub up: u16,
    /// Which slot of that body.
    pub index: u32,
}

/// What gives an expression the values of its names.
pub trait Env {
    /// Returns the value in a slot. The plan sees to it that it is there.
    fn slot(&self, slot: Slot) -> Value;
    /// Returns what the run knows by itself.
    fn context(&self, name: Context) -> Value;
    /// Says whether what is in a slot came from an `else`, from a cache or from a `for` that dropped elements.
    fn degraded(&self, _: Slot) -> bool {
        false
    }
}

/// What an expression is checked against: the names that it can see.
pub trait Scope {
    /// Returns what a name stands for, and takes note that it was used.
    fn find(&mut self, name: &str) -> Option<Found>;
    /// Returns every name that can be seen, the nearest first, for suggestions.
    fn names(&self) -> Vec<(Name, Ty)>;
    /// Returns what can be called by this path (`sma_cross`, `lib.sma_cross`) to give a value.
    fn template(&mut self, path: &str) -> Option<Arc<dyn Template>>;
    /// Returns the names of all templates, for suggestions.
    fn templates(&self) -> Vec<String>;
    /// Returns the fields of a type.
    fn fields(&self, ty: &Ty) -> Vec<Field>;
    /// Says whether a value that may be none is taken to be there: where it is not, the expression cannot be computed.
    fn is_trusting(&self) -> bool {
        false
    }

    /// Takes note of what a place is, where somebody wants to know.
    fn learn(&self, _: Fact<'_>) {}
}

/// What is learnt of a place while it is checked: editors show it, nothing else needs it.
#[derive(Clone, Copy, Debug)]
pub enum Fact<'a> {
    /// An expression stands where a value of the first type is wanted, and is of the second.
    Typed(&'a ast::Expr, Option<&'a Ty>, &'a Ty),
    /// A name stands for a value.
    Value(&'a ast::Name, &'a Found),
    /// A name is a price of every bar.
    Price(&'a ast::Name),
    /// A name is read of a value of this type.
    Field(&'a ast::Name, &'a Ty),
    /// A name is an output of an indicator.
    Output(&'a ast::Name, &'static Indicator),
    /// A type is written by this name.
    Type(&'a ast::Name),
    /// Something is called here, with these arguments between the parentheses, where there are any.
    Call(Callee<'a>, &'a ast::Expr, &'a [ast::Arg], Option<Span>),
    /// These are the settings that may stand here.
    Settings(&'a ast::Settings, &'a [Field]),
    /// A strategy sees these names and no others.
    Names(&'a ast::Strategy, &'a [(Name, Ty)]),
}

/// What an expression calls.
#[derive(Clone, Copy, Debug)]
pub enum Callee<'a> {
    /// A builtin.
    Builtin(&'static Builtin),
    /// A strategy.
    Template(&'a dyn Template),
    /// An indicator.
    Indicator(&'static Indicator),
    /// A function of strategies.
    Function(&'static str),
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub struct Found {
    /// A slot, a context value or a constant.
    pub kind: Kind,
    /// Its type here: without `?` where a condition has shown that it is there.
    pub ty: Ty,
    /// Where it is declared, if it is in a file.
    pub declared: Option<Span>,
}

/// What is called in an expression to make a value of a nominal type: a strategy of a file.
pub trait Template: Send + Sync + fmt::Debug {
    /// Returns its name.
    fn name(&self) -> &str;
    /// Returns its parameters.
    fn params(&self) -> &[Field];
    /// Returns what a parameter must be in, where it says so: a range or a list.
    fn within(&self, param: &str) -> Option<Value>;
    /// Returns the type of what it makes.
    fn ty(&self) -> Ty;
    /// Returns the hash of its checked meaning.
    fn meaning(&self) -> &str;
    /// Makes the value from a record of its parameters, defaults filled in.
    fn make(&self, params: &Value) -> Result<Value, Mismatch>;
}

/// A function of the language that no slice can be: it is generic over types.
pub struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// What it does; the first line is one sentence.
    pub doc: &'static str,
    /// Its parameters as the catalogue shows them.
    pub signature: &'static str,
    /// Computes it from its arguments, which the checker has found fit.
    pub eval: fn(&[Value]) -> Result<Value, Fault>,
    /// Whether its value follows from its arguments alone, so that it may be computed before the run.
    pub(super) folds: bool,
    /// Checks the arguments of a call and returns them in order, with the type of the value.
    pub(super) infer: fn(&mut Lowering<'_>, &Call<'_>) -> (Vec<Expr>, Ty),
}

impl fmt::Debug for Builtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
