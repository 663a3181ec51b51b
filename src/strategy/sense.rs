//! What a strategy says that cannot be meant: a rule that is never true, a stop on the wrong side of the entry.

use std::collections::{HashMap, HashSet};

use super::{
    graph::{Graph, Id, Op},
    infer::Infer,
    instance::to_f64,
    orders::{Orders, TargetRule},
};
use crate::{
    expr::Kind,
    market::indicators::Column,
    source::{Code, Diagnostic, Span},
    syntax::ast::{self, Action, BinaryOp, ExprKind, Side, Stmt, UnaryOp},
};

/// The indicators that are prices where what they read is.
const LEVELS: &[&str] = &["sma", "ema", "wma", "highest", "lowest"];

/// The indicators that are how far prices lie apart.
const DISTANCES: &[&str] = &["atr", "trange", "stddev"];

/// How deep alternatives are looked into.
const MOST_DEEP: usize = 8;

/// From the least to the greatest that a value can be, both included.
#[derive(Clone, Copy, Debug)]
struct Reach {
    low: f64,
    high: f64,
}

const ANY: Reach = Reach { low: f64::NEG_INFINITY, high: f64::INFINITY };

impl Reach {
    fn times(self, other: Self) -> Self {
        let ends = [self.low * other.low, self.low * other.high, self.high * other.low, self.high * other.high];
        // No number says what nothing times everything is.
        let ends = ends.map(|it| if it.is_nan() { 0.0 } else { it });
        let fold = |start: f64, of: fn(f64, f64) -> f64| ends.into_iter().fold(start, of);
        Self { low: fold(f64::INFINITY, f64::min), high: fold(f64::NEG_INFINITY, f64::max) }
    }
}

/// A graph and what each of its columns can be.
struct Known<'g> {
    graph: &'g Graph,
    reaches: Vec<Reach>,
}

impl<'g> Known<'g> {
    fn of(graph: &'g Graph) -> Self {
        Self { graph, reaches: reaches(graph) }
    }

    fn op(&self, id: Id) -> Option<&'g Op> {
        self.graph.get(id).map(|it| &it.op)
    }

    fn reach(&self, id: Id) -> Reach {
        self.reaches.get(id.index()).copied().unwrap_or(ANY)
    }
}

/// Reports what cannot be meant; the strategy is right in all else.
pub(super) fn check(def: &ast::Strategy, infer: &mut Infer<'_>, orders: &Orders, settings: Option<&ast::Settings>) {
    let rules = || def.body.stmts.iter().filter_map(|it| if let Stmt::Rule(it) = it { Some(it) } else { None });
    let rules_with_parts: Vec<_> = rules().map(|rule| (rule, parts(infer, rule))).collect();
    let short = rules().any(|it| it.action == Action::Enter && it.side == Side::Short);
    let target = if let Some(TargetRule::Distance(id)) = &orders.target { Some(*id) } else { None };
    let known = Known::of(&infer.graph);
    let mut found: Vec<Diagnostic> =
        rules_with_parts.iter().filter_map(|(rule, parts)| never_true(&known, rule, parts)).collect();
    found.extend(rules_with_parts.iter().filter_map(|entry| never_alone(entry, &rules_with_parts)));
    for (name, id) in [("stop", orders.stop), ("trail", orders.trail), ("target", target)] {
        let field = settings.and_then(|it| it.fields.iter().find(|it| *it.name.text == *name));
        if let (Some(id), Some(field)) = (id, field) {
            found.extend(wrong_side(&known, name, id, &field.value, short));
        }
    }
    found.into_iter().for_each(|it| infer.report(it));
}

/// Returns an entry that happens only where its own exit does too: both at once are neither.
fn never_alone((rule, parts): &(&ast::Rule, Vec<Part>), all: &[(&ast::Rule, Vec<Part>)]) -> Option<Diagnostic> {
    let holds = |other: &Part| parts.iter().any(|it| it.id == other.id);
    let (exit, _) = all.iter().find(|(other, needed)| {
        (rule.action, other.action, other.side) == (Action::Enter, Action::Exit, rule.side)
            && !needed.is_empty()
            && needed.iter().all(holds)
    })?;
    let found = Diagnostic::new(Code::B015, rule.when.span, "this entry can never happen");
    let found = found.here("true only where the exit is").label(exit.when.span, "the exit");
    Some(found.note("at a bar at which both are true nothing is entered").help("let the exit ask for something else"))
}

/// Says whether a column is a price rather than how far one is from another.
fn is_level(known: &Known<'_>, id: Id) -> bool {
    match known.op(id) {
        Some(Op::Price(column)) => !matches!(column, Column::Volume | Column::Values),
        Some(Op::Indicator { which, series, .. }) => {
            LEVELS.contains(&which.name) && series.iter().all(|it| is_level(known, *it))
        }
        Some(Op::Output(of, _) | Op::Back(of, _) | Op::Slower(of, _)) => is_level(known, *of),
        // A price and a distance are a price; two prices are a distance.
        Some(Op::Binary(BinaryOp::Add | BinaryOp::Sub, a, b)) => is_level(known, *a) && is_distance(known, *b),
        _ => false,
    }
}

/// Says whether a column is surely how far one price is from another.
fn is_distance(known: &Known<'_>, id: Id) -> bool {
    match known.op(id) {
        Some(Op::Indicator { which, .. }) => DISTANCES.contains(&which.name),
        Some(Op::Output(of, _) | Op::Back(of, _) | Op::Slower(of, _)) => is_distance(known, *of),
        Some(Op::Binary(BinaryOp::Mul, a, b)) => is_distance(known, *a) || is_distance(known, *b),
        Some(Op::Binary(BinaryOp::Of, _, whole)) => is_level(known, *whole),
        _ => false,
    }
}

/// Returns what is wrong with a distance from the entry: it points the wrong way, or past a price of nothing.
fn wrong_side(known: &Known<'_>, name: &str, id: Id, value: &ast::Expr, short: bool) -> Option<Diagnostic> {
    if known.reach(id).high <= 0.0 {
        let what = if name == "target" { "target" } else { "stop" };
        let message = format!("this {what} lies on the wrong side of the entry");
        let found = Diagnostic::new(Code::B014, value.span, message).here("a distance of less than nothing");
        let found = found.note(format!("`{name}` is how far from the entry it lies, for long and short alike"));
        return Some(match negated(value) {
            Some(sign) => found.fix("take the distance without its sign", sign, ""),
            None => found.help("write a distance above zero, as in `2 * atr(14)` or `5%`"),
        });
    }
    if is_level(known, id) {
        let found = Diagnostic::new(Code::B014, value.span, format!("this {name} is a price, not a distance"));
        let found = found.note(format!("`{name}` is how far from the entry it lies, for long and short alike"));
        return Some(match &value.kind {
            ExprKind::Binary { op: BinaryOp::Add | BinaryOp::Sub, right, .. } => {
                let price = Span { end: right.span.start, ..value.span };
                found.fix("take the distance alone", price, "")
            }
            _ => found.help("say how far it lies from the price, as in `close - lowest(low, 20)` or `2 * atr(14)`"),
        });
    }
    // How large a share of the price is says how far it is.
    let share = match known.op(id)? {
        Op::Binary(BinaryOp::Of, share, price) if matches!(known.op(*price), Some(Op::Price(_))) => *share,
        _ => return None,
    };
    if name == "target" || short || known.reach(share).low < 1.0 {
        return None;
    }
    let found = Diagnostic::new(Code::B014, value.span, "this stop lies below a price of nothing");
    Some(found.here("no long position gets there").help("write how far from the entry it is, as in `5%`"))
}

/// Returns the place of the minus before a distance.
fn negated(value: &ast::Expr) -> Option<Span> {
    match &value.kind {
        ExprKind::Paren(inner) => negated(inner),
        ExprKind::Literal { text, .. } if text.starts_with('-') => {
            Some(Span { end: value.span.start + 1, ..value.span })
        }
        ExprKind::Unary(UnaryOp::Neg, inner) => Some(Span { end: inner.span.start, ..value.span }),
        ExprKind::Binary { op: BinaryOp::Mul, left, .. } => negated(left),
        _ => None,
    }
}

/// A part of a rule that must be true for the rule to be true.
struct Part {
    id: Id,
    span: Span,
}

/// Returns the parts of a rule; none where it has a mistake of another kind.
fn parts(infer: &mut Infer<'_>, rule: &ast::Rule) -> Vec<Part> {
    let mut leaves = Vec::new();
    conjuncts(&rule.when, &mut leaves);
    let mut parts = Vec::new();
    for leaf in leaves {
        let Some(id) = infer.condition(leaf) else { return Vec::new() };
        split(&infer.graph, id, leaf.span, &mut parts);
    }
    parts
}

fn never_true(known: &Known<'_>, rule: &ast::Rule, parts: &[Part]) -> Option<Diagnostic> {
    let (at, other) = contradiction(known, parts, 0)?;
    let part = parts.get(at)?;
    let word = if rule.action == Action::Enter { "entry" } else { "exit" };
    let found = Diagnostic::new(Code::B015, part.span, format!("this {word} can never happen"));
    Some(match other.and_then(|it| parts.get(it)).filter(|it| it.span != part.span) {
        Some(other) => found
            .here("never true where the other is")
            .label(other.span, "the other")
            .help("join the two with `or`, or take one of them out"),
        None => found.here("never true").help("compare it with what it can be"),
    })
}

/// Collects the parts of a condition that `and` joins, as they are written.
fn conjuncts<'e>(it: &'e ast::Expr, out: &mut Vec<&'e ast::Expr>) {
    let mut open = vec![it];
    while let Some(it) = open.pop() {
        match &it.kind {
            ExprKind::Paren(inner) => open.push(inner),
            ExprKind::Binary { op: BinaryOp::And, left, right, .. } => open.extend([&**right, &**left]),
            _ => out.push(it),
        }
    }
}

/// Splits a condition that a `let` has joined, each part once.
fn split(graph: &Graph, id: Id, span: Span, out: &mut Vec<Part>) {
    let (mut open, mut seen) = (vec![id], HashSet::new());
    while let Some(id) = open.pop() {
        match graph.get(id).map(|it| &it.op) {
            _ if !seen.insert(id) => {}
            Some(Op::Binary(BinaryOp::And, a, b)) => open.extend([*b, *a]),
            _ => out.push(Part { id, span }),
        }
    }
}

/// What the parts so far leave to the value of a column.
struct Room {
    reach: Reach,
    /// Whether the ends themselves are left.
    low_in: bool,
    high_in: bool,
    /// The part that set each end.
    low_by: Option<usize>,
    high_by: Option<usize>,
}

/// Returns a part that cannot be true, and the other part with which it cannot, if it can by itself.
fn contradiction(known: &Known<'_>, parts: &[Part], deep: usize) -> Option<(usize, Option<usize>)> {
    let graph = known.graph;
    let mut rooms: HashMap<Id, Room> = HashMap::new();
    let mut orders: HashMap<(Id, Id), (u8, usize)> = HashMap::new();
    let (mut said, mut denied) = (HashMap::new(), HashMap::new());
    for (at, part) in parts.iter().enumerate() {
        let op = known.op(part.id)?;
        let negated = if let Op::Not(of) = op { Some(*of) } else { None };
        if let Some(other) = negated.and_then(|it| said.get(&it)).or_else(|| denied.get(&part.id)) {
            return Some((at, Some(*other)));
        }
        said.insert(part.id, at);
        negated.map(|it| denied.insert(it, at));
        let (op, a, b) = match op {
            Op::Binary(BinaryOp::Or, a, b) => {
                let never = |id: Id| {
                    let mut inner = Vec::new();
                    split(graph, id, part.span, &mut inner);
                    contradiction(known, &inner, deep + 1).is_some()
                };
                if deep < MOST_DEEP && never(*a) && never(*b) {
                    return Some((at, None));
                }
                continue;
            }
            Op::Binary(op, a, b) => (*op, *a, *b),
            Op::Cross { above, a, b } => (if *above { BinaryOp::Gt } else { BinaryOp::Lt }, *a, *b),
            _ => continue,
        };
        let Some(allowed) = allowed(op) else { continue };
        if a == b && allowed & EQUAL == 0 {
            return Some((at, None));
        }
        if let (None, Some(limit)) = (scalar(graph, a), scalar(graph, b)) {
            if let Some(found) = narrow(known, &mut rooms, a, allowed, limit, at) {
                return Some((at, found));
            }
        } else if let (Some(limit), None) = (scalar(graph, a), scalar(graph, b)) {
            if let Some(found) = narrow(known, &mut rooms, b, turned(allowed), limit, at) {
                return Some((at, found));
            }
        } else {
            let (key, allowed) = if a < b { ((a, b), allowed) } else { ((b, a), turned(allowed)) };
            let (left, first) = orders.entry(key).or_insert((LESS | EQUAL | GREATER, at));
            *left &= allowed;
            if *left == 0 {
                return Some((at, Some(*first)));
            }
        }
    }
    None
}

/// Holds a column against a limit; returns the part that rules it out, none inside where its own reach does.
#[expect(clippy::option_option, reason = "ruled out by itself, by another part, and not at all are three things")]
fn narrow(
    known: &Known<'_>,
    rooms: &mut HashMap<Id, Room>,
    id: Id,
    allowed: u8,
    limit: f64,
    at: usize,
) -> Option<Option<usize>> {
    let reach = known.reach(id);
    let room = rooms.entry(id).or_insert(Room { reach, low_in: true, high_in: true, low_by: None, high_by: None });
    let equal = allowed & EQUAL != 0;
    if allowed & LESS == 0 && allowed & (EQUAL | GREATER) != 0 && (limit, !equal) > (room.reach.low, !room.low_in) {
        (room.reach.low, room.low_in, room.low_by) = (limit, equal, Some(at));
    }
    if allowed & GREATER == 0 && allowed & (EQUAL | LESS) != 0 && (-limit, !equal) > (-room.reach.high, !room.high_in) {
        (room.reach.high, room.high_in, room.high_by) = (limit, equal, Some(at));
    }
    let empty = room.reach.low > room.reach.high
        || (room.reach.low >= room.reach.high && !(room.low_in && room.high_in) && room.reach.low.is_finite());
    empty.then(|| [room.low_by, room.high_by].into_iter().flatten().find(|it| *it != at))
}

const LESS: u8 = 1;
const EQUAL: u8 = 2;
const GREATER: u8 = 4;

/// Returns how two values may lie to each other where a comparison is true.
fn allowed(op: BinaryOp) -> Option<u8> {
    Some(match op {
        BinaryOp::Lt => LESS,
        BinaryOp::Le => LESS | EQUAL,
        BinaryOp::Gt => GREATER,
        BinaryOp::Ge => GREATER | EQUAL,
        BinaryOp::Eq => EQUAL,
        BinaryOp::Ne => LESS | GREATER,
        _ => return None,
    })
}

/// Returns the same of the two values the other way round.
fn turned(allowed: u8) -> u8 {
    let turn = |from: u8, to: u8| if allowed & from == 0 { 0 } else { to };
    turn(LESS, GREATER) | (allowed & EQUAL) | turn(GREATER, LESS)
}

/// Returns a number that is the same at every bar and known.
fn scalar(graph: &Graph, id: Id) -> Option<f64> {
    match graph.get(id).map(|it| &it.op) {
        Some(Op::Scalar(it)) => {
            if let Kind::Const(value) = &it.kind {
                to_f64(value)
            } else {
                None
            }
        }
        _ => None,
    }
}

/// Returns what each column can be, as far as that is known, by its place in the graph.
fn reaches(graph: &Graph) -> Vec<Reach> {
    let mut known: Vec<Reach> = Vec::new();
    for (id, node) in graph.nodes() {
        let of = |id: &Id| known.get(id.index()).copied().unwrap_or(ANY);
        let reach = match &node.op {
            Op::Scalar(_) => scalar(graph, id).map_or(ANY, |it| Reach { low: it, high: it }),
            Op::Price(Column::Values) => ANY,
            Op::Price(_) => Reach { low: 0.0, high: f64::INFINITY },
            Op::Output(it, at) => match graph.get(*it).map(|it| &it.op) {
                Some(Op::Indicator { which, .. }) => {
                    which.outputs.get(*at).map_or(ANY, |it| Reach { low: it.reach.0, high: it.reach.1 })
                }
                _ => ANY,
            },
            Op::Back(it, _) | Op::Slower(it, _) => of(it),
            Op::Neg(it) => Reach { low: -of(it).high, high: -of(it).low },
            Op::Binary(BinaryOp::Mul | BinaryOp::Of, a, b) => of(a).times(of(b)),
            Op::Binary(BinaryOp::Add, a, b) => Reach { low: of(a).low + of(b).low, high: of(a).high + of(b).high },
            _ => ANY,
        };
        known.push(reach);
    }
    known
}
