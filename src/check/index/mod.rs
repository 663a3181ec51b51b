//! What the checker knows of every place of a text: what it refers to, its type, what is wanted there, which names can
//! be seen from there, and what each call takes. Made on request only, for editors, and for files with errors too.

mod declare;
mod record;

use std::sync::Arc;

pub(super) use record::Draft;

use super::Filled;
use crate::{
    expr::Context,
    market::indicators::Output,
    slice::Registry,
    source::{FileId, Span},
    syntax::ast,
    value::{Field, Name, Ty},
};

/// What a place refers to.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// What a file declares, by the place of its name.
    Declared(Span),
    /// A file.
    File(FileId),
    /// A slice of the catalogue.
    Slice(Name),
    /// A method of the catalogue: slice and name.
    Method(Name, Name),
    /// An input of a method: slice, method and name.
    Input(Name, Name, Name),
    /// A field of a type.
    Field(Ty, Name),
    /// A setting, which is a field of what may stand there.
    Setting(Field),
    /// A builtin, an indicator or a function of strategies.
    Function(Name),
    /// A price of every bar.
    Price(Name),
    /// What the run knows by itself.
    Context(Context),
    /// A type of the catalogue or of the language.
    Type(Name),
}

/// A place that refers to something.
#[derive(Clone, Debug)]
pub struct Ref {
    /// The place.
    pub span: Span,
    /// What it refers to.
    pub target: Target,
}

/// What kind of thing is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclKind {
    /// A workflow.
    Workflow,
    /// A strategy.
    Strategy,
    /// A type.
    Type,
    /// A test.
    Test,
    /// What stands behind `use … as name`.
    Namespace,
    /// A parameter.
    Param,
    /// A `let`.
    Let,
    /// A step.
    Step,
    /// A loop variable, or what a handler is given.
    Var,
    /// An output.
    Output,
}

impl DeclKind {
    /// Returns the word of the language for it, or the nearest to one.
    pub fn word(self) -> &'static str {
        match self {
            Self::Workflow => "workflow",
            Self::Strategy => "strategy",
            Self::Type => "type",
            Self::Test => "test",
            Self::Namespace => "use",
            Self::Param => "param",
            Self::Let => "let",
            Self::Step => "step",
            Self::Var => "for",
            Self::Output => "output",
        }
    }

    /// Says whether it is a value that expressions can name.
    pub fn is_value(self) -> bool {
        matches!(self, Self::Param | Self::Let | Self::Step | Self::Var)
    }
}

/// What a file declares.
#[derive(Clone, Debug)]
pub struct Decl {
    /// Its name.
    pub name: Name,
    /// Where its name stands.
    pub span: Span,
    /// Where all of it stands.
    pub whole: Span,
    /// What it is.
    pub kind: DeclKind,
    /// Its type, where it is known.
    pub ty: Option<Ty>,
    /// What its comment says.
    pub doc: Option<Arc<str>>,
    /// Its params as fields, of a workflow or strategy.
    pub params: Vec<Field>,
}

/// An expression, its type, and the type that its place wants.
#[derive(Clone, Debug)]
pub struct Typed {
    /// Where it stands.
    pub span: Span,
    /// What is wanted, where anything is.
    pub want: Option<Ty>,
    /// What it is.
    pub ty: Ty,
}

/// A call, and what goes into it.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called, as it is written.
    pub head: Span,
    /// From parenthesis to parenthesis, where there are any.
    pub args: Option<Span>,
    /// What it is.
    pub target: Target,
    /// What it takes.
    pub inputs: Vec<Field>,
    /// The type of its value, as people read it.
    pub output: String,
    /// The names of the arguments that are given, with their whole places.
    pub given: Vec<(Name, Span)>,
    /// The arguments without names.
    pub unnamed: Vec<Span>,
    /// What was filled without an argument.
    pub wired: Vec<Wired>,
    /// Whether its arguments may lack their names.
    pub positional: bool,
}

/// An input that was filled without an argument.
#[derive(Clone, Debug)]
pub struct Wired {
    /// The input.
    pub input: Name,
    /// Why.
    pub filled: Filled,
    /// Where the name of the value is declared, if a file says it.
    pub from: Option<Span>,
}

impl Wired {
    /// Returns what fills it, as a file would write it; nothing where that is a default.
    pub fn source(&self) -> Option<&str> {
        match &self.filled {
            Filled::Name(it) | Filled::Type(it) => Some(it),
            Filled::Context(it) => Some(it.name()),
            Filled::Argument | Filled::Default | Filled::Nothing => None,
        }
    }
}

/// A name that can be seen.
#[derive(Clone, Debug)]
pub struct Visible {
    /// The name.
    pub name: Name,
    /// Its type, as far as it is known.
    pub ty: Ty,
    /// Where it is declared.
    pub declared: Option<Span>,
    /// What it is.
    pub kind: DeclKind,
}

/// The names of one body.
#[derive(Clone, Debug)]
pub struct Body {
    /// Where they can be seen.
    pub span: Span,
    /// The names, in the order of the file.
    pub names: Vec<Visible>,
    /// Whether it is the body of a strategy, which sees prices and indicators too.
    pub strategy: bool,
}

/// What may stand at a place, beside values of the type that is wanted there.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// What a step does: a method, a workflow or a value.
    Callee,
    /// A method of this slice, or what a file of this name has.
    Member(Name),
    /// A field of a value of this type.
    Field(Ty),
    /// An output of this indicator.
    Output(&'static [Output]),
    /// A type.
    Type,
    /// The name of a step.
    Step,
    /// A case of a match over this type.
    Pattern(Ty),
    /// The name of one of these: an argument, a setting or a field.
    Key(Vec<Field>),
    /// A mode.
    Mode,
}

/// What the checker knows of every place of the files of one check, the root first.
#[derive(Debug, Default)]
pub struct Index {
    /// The trees of the files.
    pub files: Vec<Arc<ast::File>>,
    /// What places refer to, in the order of the files.
    pub refs: Vec<Ref>,
    /// What is declared, by the place of its name.
    pub decls: Vec<Decl>,
    /// The types of expressions, by their places.
    pub typed: Vec<Typed>,
    /// The calls, by what is called.
    pub calls: Vec<Call>,
    /// The names of bodies, the outer before the inner.
    pub bodies: Vec<Body>,
    /// What may stand at places, in the order of the files.
    pub expected: Vec<(Span, Expected)>,
    /// What the root can name of all that files declare, and by what name.
    pub items: Vec<(String, Span)>,
}

/// Says whether a place covers a byte; its end counts too, since that is where a cursor stands behind a word.
fn covers(span: Span, file: FileId, at: u32) -> bool {
    span.file == file && span.start <= at && at <= span.end
}

impl Index {
    /// Returns what stands at a byte: the shortest place that covers it, rather the one that it is in than the one that it
    /// ends.
    pub fn reference(&self, file: FileId, at: u32) -> Option<&Ref> {
        let all = self.refs.iter().filter(|it| covers(it.span, file, at));
        all.min_by_key(|it| (it.span.end == at, it.span.end - it.span.start))
    }

    /// Returns what is declared at a byte.
    pub fn declaration_at(&self, file: FileId, at: u32) -> Option<&Decl> {
        self.decls.iter().find(|it| covers(it.span, file, at))
    }

    /// Returns what a byte declares or refers to, and the place of the word.
    pub fn target(&self, file: FileId, at: u32) -> Option<(Target, Span)> {
        let by_ref = self.reference(file, at).map(|it| (it.target.clone(), it.span));
        by_ref.or_else(|| self.declaration_at(file, at).map(|it| (Target::Declared(it.span), it.span)))
    }

    /// Returns what is declared by the name at a place.
    pub fn declaration(&self, name: Span) -> Option<&Decl> {
        let at = self.decls.binary_search_by_key(&name, |it| it.span).ok()?;
        self.decls.get(at)
    }

    /// Returns every place of a file that refers to a target, its declaration left out.
    pub fn references(&self, target: &Target) -> impl Iterator<Item = Span> {
        self.refs.iter().filter(move |it| it.target == *target).map(|it| it.span)
    }

    /// Returns the expression at exactly this place.
    pub fn typed(&self, span: Span) -> Option<&Typed> {
        let at = self.typed.binary_search_by_key(&span, |it| it.span).ok()?;
        self.typed.get(at)
    }

    /// Returns the innermost call whose parentheses are around a byte.
    pub fn call_around(&self, file: FileId, at: u32) -> Option<&Call> {
        let inside = |it: Span| it.file == file && it.start < at && at <= it.end;
        let all = self.calls.iter().filter(|it| it.args.is_some_and(inside));
        all.min_by_key(|it| it.args.map_or(u32::MAX, |it| it.end - it.start))
    }

    /// Returns what may stand at exactly this place.
    pub fn expected(&self, span: Span) -> impl Iterator<Item = &Expected> {
        self.expected.iter().filter(move |it| it.0 == span).map(|it| &it.1)
    }

    /// Returns every name that can be seen from a byte, the nearest first, hidden ones left out.
    pub fn visible(&self, file: FileId, at: u32) -> Vec<&Visible> {
        let mut seen = std::collections::HashSet::new();
        let around = self.bodies.iter().filter(|it| covers(it.span, file, at)).rev();
        let names = around.flat_map(|it| it.names.iter().rev());
        names.filter(|it| seen.insert(&it.name)).collect()
    }

    /// Says whether a byte is in a strategy.
    pub fn in_strategy(&self, file: FileId, at: u32) -> bool {
        let mut strategies = self.decls.iter().filter(|it| it.kind == DeclKind::Strategy);
        strategies.any(|it| covers(it.whole, file, at))
    }
}

/// Returns the fields that can be read of a value of this type.
pub fn fields(registry: &Registry, ty: &Ty) -> Vec<Field> {
    let date = |name: &str, doc: &str| Field { name: name.into(), ty: Ty::Date, default: None, doc: doc.into() };
    match ty.required() {
        Ty::DateRange => vec![date("start", "The first day."), date("end", "The last day.")],
        Ty::Union(cases) => {
            let mut cases = cases.iter().map(|it| fields(registry, it));
            let first = cases.next().unwrap_or_default();
            cases.fold(first, |all, case| {
                all.into_iter().filter(|it| case.iter().any(|other| other.name == it.name)).collect()
            })
        }
        other => registry.fields(other).to_vec(),
    }
}
