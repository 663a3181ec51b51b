//! The syntax tree of a file, which both forms of the language give.
//!
//! Every node carries its span. What could not be read is a `Bad` node, so that one mistake does not hide another;
//! `parse` has already reported it.

#![expect(clippy::large_enum_variant, reason = "a tree is read once, and a box at each statement reads worse")]
#![expect(missing_docs, reason = "the doc of a variant says what its fields are")]

use std::sync::Arc;

use crate::{
    source::{FileId, Span},
    value::Value,
};

/// Which form a text was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The `.wf` language.
    Wf,
    /// YAML (and so JSON).
    Yaml,
}

/// A whole file.
#[derive(Clone, Debug)]
pub struct File {
    /// The text that it was read from.
    pub id: FileId,
    /// The form that it was written in.
    pub form: Form,
    /// What stands at the top, in the order of the file.
    pub items: Vec<Item>,
    /// Every comment, in the order of the file; the formatter puts them back by their place.
    pub comments: Vec<Comment>,
}

/// A comment, without its `#`.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// What it says, from after the first `#` to the end of its line, trailing blanks removed.
    pub text: Arc<str>,
    /// Where it stands, `#` included.
    pub span: Span,
    /// Whether something other than blanks stands before it on its line.
    pub trailing: bool,
}

/// A name as it was written, backticks removed.
#[derive(Clone, Debug)]
pub struct Name {
    /// The name.
    pub text: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

/// What stands at the top of a file.
#[derive(Clone, Debug)]
pub enum Item {
    /// `use "p.wf" { a, b }`.
    Use(Use),
    /// `type T = …`.
    Type(TypeDecl),
    /// `workflow w { … }`.
    Workflow(Workflow),
    /// `strategy s { … }`.
    Strategy(Strategy),
    /// `test "…" { … }`.
    Test(Test),
    /// What could not be read.
    Bad(Span),
}

impl Item {
    /// Returns where the whole item stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Use(it) => it.span,
            Self::Type(it) => it.span,
            Self::Workflow(it) => it.span,
            Self::Strategy(it) => it.span,
            Self::Test(it) => it.span,
            Self::Bad(span) => *span,
        }
    }
}

/// An import.
#[derive(Clone, Debug)]
pub struct Use {
    /// The path as written.
    pub path: Arc<str>,
    /// Where the path stands, quotes included.
    pub path_span: Span,
    /// What is brought in.
    pub what: UseWhat,
    /// The whole statement.
    pub span: Span,
}

/// What an import brings in.
#[derive(Clone, Debug)]
pub enum UseWhat {
    /// Everything, under its own names.
    All,
    /// Everything, under `name.`.
    As(Name),
    /// These.
    Names(Vec<Name>),
}

/// `type T = …`.
#[derive(Clone, Debug)]
pub struct TypeDecl {
    /// What `##` comments above it say.
    pub doc: Option<Arc<str>>,
    /// Its name.
    pub name: Name,
    /// What it stands for.
    pub ty: TypeExpr,
    /// The whole statement.
    pub span: Span,
}

/// `workflow w { … }`.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// What `##` comments above it say.
    pub doc: Option<Arc<str>>,
    /// Its name.
    pub name: Name,
    /// Its statements.
    pub body: Block,
    /// The whole item.
    pub span: Span,
}

/// `strategy s { … }`: its statements are params, lets, rules and orders; others are reported by the checker.
#[derive(Clone, Debug)]
pub struct Strategy {
    /// What `##` comments above it say.
    pub doc: Option<Arc<str>>,
    /// Its name.
    pub name: Name,
    /// Its statements.
    pub body: Block,
    /// The whole item.
    pub span: Span,
}

/// `test "…" { … }`.
#[derive(Clone, Debug)]
pub struct Test {
    /// What it is called.
    pub name: Arc<str>,
    /// Where its name stands, quotes included.
    pub name_span: Span,
    /// Its statements.
    pub stmts: Vec<TestStmt>,
    /// The whole item.
    pub span: Span,
}

/// A statement of a test.
#[derive(Clone, Debug)]
pub enum TestStmt {
    /// `let x = e`.
    Let(Let),
    /// `mock slice.method = e`.
    Mock { callee: Callee, value: Expr, span: Span },
    /// `fail slice.method 2 times as "permanent"`.
    Fail { callee: Callee, times: Option<Expr>, kind: Option<Expr>, span: Span },
    /// `delay slice.method 5s`.
    Delay { callee: Callee, by: Expr, span: Span },
    /// `at 10:00 fail …`.
    At { time: Expr, then: Box<TestStmt>, span: Span },
    /// `run NAME = WORKFLOW(args)`; the workflow is a name or a path of names.
    Run { name: Option<Name>, workflow: Expr, args: Vec<Arg>, args_span: Span, span: Span },
    /// `expect e`.
    Expect { that: Expr, span: Span },
    /// What could not be read.
    Bad(Span),
}

impl TestStmt {
    /// Returns where the whole statement stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Let(it) => it.span,
            Self::Mock { span, .. }
            | Self::Fail { span, .. }
            | Self::Delay { span, .. }
            | Self::At { span, .. }
            | Self::Run { span, .. }
            | Self::Expect { span, .. }
            | Self::Bad(span) => *span,
        }
    }
}

/// `slice.method` in a test.
#[derive(Clone, Debug)]
pub struct Callee {
    /// The slice.
    pub slice: Name,
    /// The method.
    pub method: Name,
}

/// Statements between braces.
#[derive(Clone, Debug)]
pub struct Block {
    /// The statements, in the order of the file.
    pub stmts: Vec<Stmt>,
    /// From brace to brace; in YAML the node that holds them.
    pub span: Span,
}

/// A statement of a workflow, a strategy or a block.
#[derive(Clone, Debug)]
pub enum Stmt {
    /// `modes a, b`.
    Modes { modes: Vec<Name>, span: Span },
    /// `param x: T in 2..100 by 1 = 20`.
    Param(Param),
    /// `limits { … }`.
    Limits(Settings),
    /// `deadline 2h`.
    Deadline { value: Expr, span: Span },
    /// `let x = e`.
    Let(Let),
    /// `step s = …`.
    Step(Step),
    /// `on x in stream { … }`.
    On(On),
    /// `output x = e`.
    Output { name: Name, value: Expr, span: Span },
    /// `yield e`.
    Yield { value: Expr, span: Span },
    /// `enter long when e`, in a strategy.
    Rule(Rule),
    /// `orders { … }`, in a strategy.
    Orders(Settings),
    /// What could not be read.
    Bad(Span),
}

impl Stmt {
    /// Returns where the whole statement stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Param(it) => it.span,
            Self::Limits(it) | Self::Orders(it) => it.span,
            Self::Let(it) => it.span,
            Self::Step(it) => it.span,
            Self::On(it) => it.span,
            Self::Rule(it) => it.span,
            Self::Modes { span, .. }
            | Self::Deadline { span, .. }
            | Self::Output { span, .. }
            | Self::Yield { span, .. }
            | Self::Bad(span) => *span,
        }
    }
}

/// `param x: T in RANGE = DEFAULT`.
#[derive(Clone, Debug)]
pub struct Param {
    /// What `##` comments above it say.
    pub doc: Option<Arc<str>>,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
    /// What it must be in: a range, perhaps `by` a step, or a list.
    pub within: Option<Expr>,
    /// Its default.
    pub default: Option<Expr>,
    /// The whole statement.
    pub span: Span,
}

/// `let x: T = e`.
#[derive(Clone, Debug)]
pub struct Let {
    /// Its name.
    pub name: Name,
    /// Its type, if it is written.
    pub ty: Option<TypeExpr>,
    /// Its value.
    pub value: Expr,
    /// The slower timeframe of `let x = e on 1h`, in a strategy.
    pub on: Option<Expr>,
    /// The whole statement.
    pub span: Span,
}

/// `limits { … }` or `orders { … }`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its fields, in the order of the file.
    pub fields: Vec<Setting>,
    /// The word before the brace.
    pub keyword: Span,
    /// The whole statement.
    pub span: Span,
}

/// `name: e` in settings.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Expr,
}

impl Settings {
    /// Returns where its fields stand: all behind its word.
    pub fn inside(&self) -> Span {
        Span { start: self.keyword.end, ..self.span }
    }
}

impl Setting {
    /// Returns where the whole field stands.
    pub fn span(&self) -> Span {
        self.name.span.to(self.value.span)
    }
}

/// `step s: T = RHS` with its clauses.
#[derive(Clone, Debug)]
pub struct Step {
    /// What `##` comments above it say.
    pub doc: Option<Arc<str>>,
    /// Its name.
    pub name: Name,
    /// Its type, if it is written.
    pub ty: Option<TypeExpr>,
    /// What it does.
    pub rhs: Rhs,
    /// Its clauses, in the order of the file.
    pub clauses: Vec<Clause>,
    /// The whole statement, clauses included.
    pub span: Span,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Rhs {
    /// A call or a value. A call without arguments may lack its parentheses: `a.b` is a field or a method.
    Expr(Expr),
    /// `for x in list { … }`.
    For(Box<For>),
    /// `match e { … }`.
    Match(Box<Match>),
}

impl Rhs {
    /// Returns where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Expr(it) => it.span,
            Self::For(it) => it.span,
            Self::Match(it) => it.span,
        }
    }
}

/// `for x in LIST where COND parallel N { … }`.
#[derive(Clone, Debug)]
pub struct For {
    /// The loop variable.
    pub var: Name,
    /// What it runs over.
    pub list: Expr,
    /// Which elements count.
    pub filter: Option<Expr>,
    /// How many run at once; one where it is not said.
    pub parallel: Option<Expr>,
    /// What runs for each.
    pub body: Block,
    /// From `for` to the closing brace.
    pub span: Span,
}

/// `match e { … }`.
#[derive(Clone, Debug)]
pub struct Match {
    /// What is looked at.
    pub on: Expr,
    /// The arms, in the order of the file.
    pub arms: Vec<Arm>,
    /// From `match` to the closing brace.
    pub span: Span,
}

/// `"a", "b" => RHS`.
#[derive(Clone, Debug)]
pub struct Arm {
    /// What it is for.
    pub patterns: Vec<Pattern>,
    /// What it does.
    pub body: ArmBody,
    /// The whole arm.
    pub span: Span,
}

/// What an arm is for.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// `_`.
    Any(Span),
    /// `"backtest"`.
    Text(Arc<str>, Span),
    /// `true` and `false`.
    Bool(bool, Span),
    /// A name without quotes: reported by the checker with the quoted text as the fix.
    Name(Name),
}

/// What an arm does.
#[derive(Clone, Debug)]
pub enum ArmBody {
    /// A call or a value.
    Expr(Expr),
    /// Statements with a `yield`.
    Block(Block),
}

/// A clause of a step.
#[derive(Clone, Debug)]
pub struct Clause {
    /// What it says.
    pub kind: ClauseKind,
    /// The whole clause, its word included.
    pub span: Span,
    /// Its word.
    pub keyword: Span,
}

/// What a clause says.
#[derive(Clone, Debug)]
pub enum ClauseKind {
    /// `when e`.
    When(Expr),
    /// `after a, b`.
    After(Vec<Name>),
    /// `timeout 30s`.
    Timeout(Expr),
    /// `retry 3 backoff 1s..20s`.
    Retry { max: Expr, backoff: Option<Expr> },
    /// `every 1d`.
    Every(Expr),
    /// `cache 1d`.
    Cache(Expr),
    /// `tolerate 20%`.
    Tolerate(Expr),
    /// `accept a, b`.
    Accept(Vec<Name>),
    /// `else …`; several are tried in turn.
    Else(Rhs),
    /// A word without its operand.
    Bad,
}

/// `on x in STREAM where COND every 60s by KEY max N as xs { … }`.
#[derive(Clone, Debug)]
pub struct On {
    /// The event.
    pub var: Name,
    /// The stream.
    pub stream: Expr,
    /// Which events count.
    pub filter: Option<Expr>,
    /// How they are gathered, where they are.
    pub batch: Option<Batch>,
    /// What runs.
    pub body: Block,
    /// The whole statement.
    pub span: Span,
}

/// `every 60s by x.symbol max 1_000 as xs`.
#[derive(Clone, Debug)]
pub struct Batch {
    /// How often.
    pub every: Expr,
    /// One run for each value of this.
    pub by: Option<Expr>,
    /// How many are kept.
    pub max: Option<Expr>,
    /// The name of the list.
    pub name: Name,
    /// The whole clause.
    pub span: Span,
}

/// `enter long when e` or `exit short when e`.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Enter or exit.
    pub action: Action,
    /// Long or short.
    pub side: Side,
    /// When.
    pub when: Expr,
    /// The words before `when`.
    pub head: Span,
    /// The whole statement.
    pub span: Span,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Opens a position.
    Enter,
    /// Closes it.
    Exit,
}

/// Which side of the market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Gains when prices rise.
    Long,
    /// Gains when prices fall.
    Short,
}

impl Action {
    /// Returns its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enter => "enter",
            Self::Exit => "exit",
        }
    }
}

impl Side {
    /// Returns its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Short => "short",
        }
    }
}

/// A type as it is written.
#[derive(Clone, Debug)]
pub struct TypeExpr {
    /// What it says.
    pub kind: TypeKind,
    /// Where it stands.
    pub span: Span,
}

/// What a written type says.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// `Money<USD>`, `Series<Decimal>`, `Bars`.
    Named { name: Name, args: Vec<TypeExpr> },
    /// `"limit"`.
    Text(Arc<str>),
    /// `[T]`.
    List(Box<TypeExpr>),
    /// `{ a: T, b: T? }`.
    Record(Vec<(Name, TypeExpr)>),
    /// `T?`.
    Optional(Box<TypeExpr>),
    /// `T | U`.
    Union(Vec<TypeExpr>),
    /// What could not be read.
    Bad,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it says.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression says.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A literal with or without a unit, `true`, `none`; its spelling is kept for the formatter.
    Literal { value: Value, text: Arc<str> },
    /// Quoted text; in YAML any plain text.
    Text(Arc<str>),
    /// A name.
    Ref(Name),
    /// `a.b`.
    Field(Box<Expr>, Name),
    /// `a[n]`.
    Index(Box<Expr>, Box<Expr>),
    /// `f(x: 1, ..p)`; `args_span` is from parenthesis to parenthesis.
    Call { callee: Box<Expr>, args: Vec<Arg>, args_span: Span },
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `{ a: 1, ..p }`.
    Record(Vec<Arg>),
    /// `-a`, `not a`.
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`.
    Binary { op: BinaryOp, op_span: Span, left: Box<Expr>, right: Box<Expr> },
    /// `( e )`: kept so that the formatter gives back what was written.
    Paren(Box<Expr>),
    /// What could not be read.
    Bad,
}

/// An argument of a call or a field of a record.
#[derive(Clone, Debug)]
pub struct Arg {
    /// What it is.
    pub kind: ArgKind,
    /// The whole argument.
    pub span: Span,
}

/// What an argument is.
#[derive(Clone, Debug)]
pub enum ArgKind {
    /// `x: e`.
    Named(Name, Expr),
    /// `e`.
    Positional(Expr),
    /// `..e`.
    Spread(Expr),
}

/// An operator before its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`.
    Neg,
    /// `not`.
    Not,
}

/// An operator between its operands, loosest first; `of`, `*` and `/` bind alike and group to the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `or`.
    Or,
    /// `and`.
    And,
    /// `==`.
    Eq,
    /// `!=`.
    Ne,
    /// `<`.
    Lt,
    /// `<=`.
    Le,
    /// `>`.
    Gt,
    /// `>=`.
    Ge,
    /// `in`.
    In,
    /// `by`, after a range.
    By,
    /// `..`, both ends included.
    Range,
    /// `+`.
    Add,
    /// `-`.
    Sub,
    /// `of`: a share of a whole; it binds like `*`.
    Of,
    /// `*`.
    Mul,
    /// `/`.
    Div,
}

impl BinaryOp {
    /// Returns the operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::In => "in",
            Self::By => "by",
            Self::Range => "..",
            Self::Of => "of",
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
        }
    }
}
