//! Follows what is known through a checked workflow: steps, loops, arms, `else`, and the workflows that it calls.

use std::{cmp::Ordering, rc::Rc, sync::Arc};

use super::{Among, CallFacts, Choice, Each, Facts, Id, Made, OneOf, Path, Today, What, call::choose};
use crate::{
    check::{
        Body, Call, For, Node, Output, Param, SlotInfo, SubWorkflow, Work, rules,
        session::Session,
        walk::{Walk, constant},
        worst::Counts,
    },
    expr::{Context, Env, Expr, Kind, NoEnv, Part, Slot, Template, check_within, compare, eval},
    slice::Role,
    source::{Code, Diagnostic, Span},
    strategy::Strategy,
    value::{Name, Ty, Value},
};

/// How many steps of called workflows are followed for one workflow: past that nothing is known of what they give.
const MOST_CALLED: usize = 10_000;

/// How many workflows deep calls are followed.
const MOST_DEEP: usize = 8;

/// How many symbols make a list that a person wrote a universe rather than a choice.
const MANY_SYMBOLS: usize = 25;

/// How many items of a list a filter is tried on.
const MOST_TRIED: usize = 10_000;

/// Follows a workflow and reports what its facts show to be wrong. Returns how many items its loops have at most.
pub(in crate::check) fn follow(walk: &mut Walk<'_, '_>, params: &[Param], body: &Body, outputs: &[Output]) -> Counts {
    let mut flow = Flow {
        session: walk.session,
        mode: &walk.mode,
        bodies: Vec::new(),
        followed: 0,
        conditions: 0,
        left: MOST_CALLED,
        steps: Vec::new(),
        calls: Vec::new(),
        counts: Counts::new(),
        out: Vec::new(),
    };
    flow.workflow(params, Vec::new(), body);
    for output in outputs {
        flow.eval(&output.value);
    }
    let (found, counts, mode) = (flow.out, flow.counts, walk.mode.clone());
    // What a called workflow does wrong by itself has been said of it.
    let mut said = walk.session.said.borrow_mut();
    walk.out.extend(found.into_iter().filter(|it| said.insert((it.code, it.span, mode.clone()))));
    drop(said);
    counts
}

/// One body as it is followed once.
pub(super) struct Round<'v> {
    number: u32,
    pub(super) slots: &'v [SlotInfo],
    pub(super) facts: Vec<Facts>,
}

pub(super) struct Flow<'v, 'a> {
    pub(super) session: &'v Session<'a>,
    pub(super) mode: &'v str,
    /// The bodies around this place, the outermost first.
    pub(super) bodies: Vec<Round<'v>>,
    /// How many bodies have been followed.
    followed: u32,
    /// How many conditions around this place leave out some rounds of a loop.
    conditions: u32,
    /// How many steps of called workflows may still be followed.
    left: usize,
    /// The steps around this place.
    pub(super) steps: Vec<Span>,
    /// The calls of workflows around this place.
    calls: Vec<Span>,
    /// How many items the loops of this workflow have at most.
    counts: Counts,
    out: Vec<Diagnostic>,
}

impl<'v> Flow<'v, '_> {
    fn report(&mut self, found: Diagnostic) {
        let found = self.calls.iter().fold(found, |it, call| it.label(*call, "with what this call gives it"));
        self.out.push(found);
    }

    fn workflow(&mut self, params: &'v [Param], given: Vec<(&'v Name, Facts)>, body: &'v Body) {
        self.enter(&body.slots);
        for param in params {
            let known = given.iter().find(|it| *it.0 == param.name).map(|it| it.1.clone());
            let by_person = param.context.is_some_and(|it| self.session.options.given.contains(&it));
            let facts = match (known, &param.default) {
                (Some(known), _) => known,
                (None, Some(default)) if !by_person => self.eval(default),
                _ => Facts::default(),
            };
            self.settle(param.slot, facts, true);
        }
        self.nodes(&body.nodes);
    }

    fn enter(&mut self, slots: &'v [SlotInfo]) -> u32 {
        self.followed += 1;
        let facts = vec![Facts::default(); slots.len()];
        self.bodies.push(Round { number: self.followed, slots, facts });
        self.followed
    }

    /// Keeps what is known of a slot; of one that is not known that it is the same wherever it is read.
    fn settle(&mut self, slot: u32, facts: Facts, constant: bool) {
        let Some(round) = self.bodies.last_mut() else { return };
        let (number, Some(place)) = (round.number, round.facts.get_mut(slot as usize)) else { return };
        *place = facts;
        if constant && place.what == What::Unknown {
            place.what = What::Same(Id::Slot(number, slot), Path::default());
        }
    }

    fn nodes(&mut self, nodes: &'v [Node]) {
        for at in in_order(nodes) {
            let Some(node) = nodes.get(at) else { continue };
            self.steps.push(node.span);
            let conditional = u32::from(node.when.is_some());
            self.conditions += conditional;
            let mut facts = self.work(&node.work);
            for other in &node.otherwise {
                facts = facts.or(self.work(other));
            }
            self.conditions -= conditional;
            self.steps.pop();
            self.settle(node.slot, facts, node.every.is_none());
        }
    }

    fn work(&mut self, work: &'v Work) -> Facts {
        match work {
            Work::Call(call) => self.call(call),
            Work::Value(it) => self.eval(it),
            Work::For(it) => self.for_(it),
            Work::Match(it) => {
                self.eval(&it.on);
                self.conditions += 1;
                let given = it.arms.iter().map(|arm| self.work(&arm.work)).reduce(Facts::or).unwrap_or_default();
                self.conditions -= 1;
                given
            }
            Work::Block(body) => self.body(body).1,
            Work::Workflow(it) => self.called(it),
            Work::On(it) => {
                self.body(&it.body);
                Facts::default()
            }
        }
    }

    /// Follows a body whose first slot nothing is known of; returns its number and what it gives.
    fn body(&mut self, body: &'v Body) -> (u32, Facts) {
        let number = self.enter(&body.slots);
        self.settle(0, Facts::default(), true);
        (number, self.rest(body))
    }

    fn rest(&mut self, body: &'v Body) -> Facts {
        self.nodes(&body.nodes);
        let result = body.result.as_ref().map(|it| self.eval(it)).unwrap_or_default();
        self.bodies.pop();
        result
    }

    fn for_(&mut self, it: &'v For) -> Facts {
        let list = self.eval(&it.list);
        let mut list = list;
        if let What::Const(Value::List(items)) = &list.what
            && items.len() >= MANY_SYMBOLS
            && items.iter().all(|it| matches!(it, Value::Symbol(_)))
        {
            list.today = list.today.or(Some(Today { span: it.list.span, as_of: None }));
        }
        let number = self.enter(&it.body.slots);
        let (var, most) = match &list.what {
            What::Const(Value::List(all)) => {
                let (items, sure) = passing(all, it.filter.as_ref());
                if let Some(filter) = it.filter.as_ref().filter(|_| sure && items.is_empty() && !all.is_empty()) {
                    let found =
                        Diagnostic::new(Code::G004, filter.span, "this loop never runs: nothing passes `where`");
                    self.report(found.label(it.list.span, format!("none of these {}", all.len())));
                }
                let most = u64::try_from(items.len()).ok();
                let each = Each { body: number, items, path: Path::default(), sure };
                let only = if let [only] = &*each.items { Some(only.clone()) } else { None };
                (Facts { what: only.map_or(What::Each(each), What::Const), ..list.clone() }, most)
            }
            What::List { most, .. } => (list.item(), *most),
            _ => (list.item(), None),
        };
        if let Some(most) = most.filter(|_| self.calls.is_empty()) {
            self.counts.insert(it.list.span, most);
        }
        self.settle(0, var, true);
        let result = self.rest(&it.body);
        Facts::list(result.outside(number), most)
    }

    fn called(&mut self, it: &'v SubWorkflow) -> Facts {
        let inputs: Vec<_> = it.inputs.iter().map(|input| (&input.name, self.eval(&input.value))).collect();
        let size = it.workflow.body().nodes.len() + 1;
        let Some(left) = self.left.checked_sub(size).filter(|_| self.calls.len() < MOST_DEEP) else {
            return Facts::default();
        };
        self.left = left;
        let (outer, steps) = (std::mem::take(&mut self.bodies), std::mem::take(&mut self.steps));
        self.calls.push(it.span);
        self.workflow(it.workflow.params(), inputs, it.workflow.body());
        let outputs = it.workflow.outputs().iter();
        let outputs: Vec<_> = outputs.map(|it| (it.name.clone(), self.eval(&it.value))).collect();
        let number = self.bodies.first().map_or(0, |it| it.number);
        self.calls.pop();
        (self.bodies, self.steps) = (outer, steps);
        Facts::record(outputs).outside(number)
    }

    fn call(&mut self, call: &'v Call) -> Facts {
        let inputs: Vec<_> = call.inputs.iter().map(|it| (&it.name, self.eval(&it.value))).collect();
        let mut view = CallFacts { flow: self, call, inputs, given: Facts::default() };
        view.given = view.gives();
        let found = rules::facts(&view);
        let given = view.given;
        let chosen = match (call.method.role, &given.choice) {
            (Some(Role::Chooses { .. }), Some(choice)) => Some(choice.clone()),
            _ => None,
        };
        found.into_iter().for_each(|it| self.report(it));
        if let Some(choice) = chosen {
            rules::choice(&choice).into_iter().for_each(|it| self.report(it));
        }
        given
    }

    fn eval(&mut self, expr: &Expr) -> Facts {
        match &expr.kind {
            Kind::Const(_) if expr.ty == Ty::Unknown => Facts::default(),
            Kind::Const(value) => Facts::of(What::Const(value.clone())),
            Kind::Slot(slot) => self.slot(*slot),
            Kind::Context(it) => Facts::of(What::Same(Id::Context(*it), Path::default())),
            Kind::Field(base, name) => self.eval(base).field(name),
            Kind::Index(list, at) => {
                self.eval(at);
                self.eval(list).item()
            }
            Kind::List(items) => self.list(items),
            Kind::Record(parts) => {
                let (fields, choice) = self.parts(parts);
                let record = Facts::record(fields);
                Facts { choice: record.choice.clone().or(choice), ..record }
            }
            Kind::Not(it) => {
                let it = self.eval(it);
                folded(&[it], |mut it| Some(Kind::Not(it.pop()?)), &expr.ty)
            }
            Kind::Neg(it) => {
                let it = self.eval(it);
                folded(&[it], |mut it| Some(Kind::Neg(it.pop()?)), &expr.ty)
            }
            Kind::Convert(it) => {
                let it = self.eval(it);
                if it.value().is_none() {
                    return it;
                }
                folded(&[it], |mut it| Some(Kind::Convert(it.pop()?)), &expr.ty)
            }
            Kind::Binary(..) => self.binary(expr),
            Kind::Range(low, high, by) => {
                let mut ends = vec![self.eval(low), self.eval(high)];
                ends.extend(by.as_ref().map(|it| self.eval(it)));
                let range = |it: Vec<Box<Expr>>| {
                    let mut it = it.into_iter();
                    Some(Kind::Range(it.next()?, it.next()?, it.next()))
                };
                folded(&ends, range, &expr.ty)
            }
            Kind::Builtin(builtin, args) => {
                let args: Vec<Facts> = args.iter().map(|it| self.eval(it)).collect();
                self.builtin(builtin.name, expr, &args)
            }
            Kind::Make(template, record) => self.make(template, record, expr.span),
        }
    }

    /// Long chains lean to the left; they are walked, not recursed into.
    fn binary(&mut self, expr: &Expr) -> Facts {
        let (mut chain, mut first) = (Vec::new(), expr);
        while let Kind::Binary(op, left, right) = &first.kind {
            chain.push((*op, &**right, &first.ty));
            first = left;
        }
        let mut value = self.eval(first);
        while let Some((op, right, ty)) = chain.pop() {
            let right = self.eval(right);
            // A number that is computed from results is a result.
            let report = value.reports().into_iter().chain(right.reports()).next();
            let pair = |mut it: Vec<Box<Expr>>| {
                let (b, a) = (it.pop()?, it.pop()?);
                Some(Kind::Binary(op, a, b))
            };
            value = match report {
                Some(bars) => Facts::of(What::Report(bars)),
                None => folded(&[value, right], pair, ty),
            };
        }
        value
    }

    fn slot(&self, slot: Slot) -> Facts {
        let at = self.bodies.len().checked_sub(1 + usize::from(slot.up));
        let round = at.and_then(|it| self.bodies.get(it));
        round.and_then(|it| it.facts.get(slot.index as usize)).cloned().unwrap_or_default()
    }

    fn list(&mut self, items: &[Expr]) -> Facts {
        let items: Vec<Facts> = items.iter().map(|it| self.eval(it)).collect();
        let known: Option<Arc<[Value]>> = items.iter().map(|it| it.value().cloned()).collect();
        if let Some(known) = known {
            return Facts::of(What::Const(Value::List(known)));
        }
        let most = u64::try_from(items.len()).ok();
        Facts::list(items.into_iter().reduce(Facts::or).unwrap_or_default(), most)
    }

    /// Returns what is known of the fields of a record, and the choice that fields without known names come from.
    fn parts(&mut self, parts: &[Part]) -> (Vec<(Name, Facts)>, Option<Rc<Choice>>) {
        let (mut fields, mut choice) = (Vec::new(), None);
        for part in parts {
            match part {
                Part::Field(name, value) => fields.push((name.clone(), self.eval(value))),
                Part::Spread(value) => {
                    let facts = self.eval(value);
                    if let Ty::Record(of) = value.ty.required() {
                        fields.extend(of.iter().map(|it| (it.name.clone(), facts.field(&it.name))));
                    } else {
                        choice = choice.or(facts.choice);
                    }
                }
            }
        }
        (fields, choice)
    }

    fn builtin(&mut self, name: &str, expr: &Expr, args: &[Facts]) -> Facts {
        match (name, args) {
            ("max_by" | "min_by", [list, path]) => {
                let path = path.value().and_then(Value::as_str).unwrap_or_default().to_owned();
                let of = |item: &Facts| path.split('.').fold(item.clone(), |it, name| it.field(name)).reports();
                let chosen = choose(list, of, expr.span);
                if let Some(choice) = &chosen.choice {
                    rules::choice(choice).into_iter().for_each(|it| self.report(it));
                }
                chosen
            }
            // What these read is known to a run only.
            ("secret" | "degraded", _) => Facts::default(),
            _ => {
                let Kind::Builtin(builtin, _) = &expr.kind else { return Facts::default() };
                let known: Option<Vec<Value>> = args.iter().map(|it| it.value().cloned()).collect();
                let value = known.and_then(|it| (builtin.eval)(&it).ok());
                let report = args.iter().find_map(|it| it.item().reports().into_iter().next());
                Facts::of(value.map(What::Const).or(report.map(What::Report)).unwrap_or_default())
            }
        }
    }

    fn make(&mut self, template: &Arc<dyn Template>, record: &Expr, span: Span) -> Facts {
        let Kind::Record(parts) = &record.kind else {
            let given = if let Kind::Const(it) = &record.kind { Some(it.clone()) } else { None };
            return Facts::of(given.map_or(What::Unknown, |it| made(template, &it, span)));
        };
        let spread = parts.iter().any(|it| matches!(it, Part::Spread(it) if !matches!(it.ty, Ty::Record(_))));
        let (fields, unnamed) = self.parts(parts);
        let choice = fields.iter().find_map(|it| it.1.choice.clone()).or(unnamed);
        self.hold_ranges(&**template, &fields, span);
        let what = if spread { What::Unknown } else { self.made(template, &fields, span) };
        Facts { choice, ..Facts::of(what) }
    }

    /// Reports a parameter that leaves its range in some round of a loop.
    fn hold_ranges(&mut self, template: &dyn Template, fields: &[(Name, Facts)], span: Span) {
        for (name, facts) in fields {
            let What::Each(each) = &facts.what else { continue };
            let Some(within) = template.within(name).filter(|_| each.sure && self.conditions == 0) else { continue };
            let Some(outside) = each.values().find_map(|it| check_within(&it, &within).err()) else { continue };
            let found = Diagnostic::new(Code::T007, span, format!("`{name}`: {outside}"));
            let found = found.note("the loop tries it, and that round fails");
            self.report(found.help("let the loop go over what is in the range alone"));
        }
    }

    /// Returns the strategy of these parameters; where a loop goes over some, the one that looks back the farthest.
    fn made(&self, template: &Arc<dyn Template>, fields: &[(Name, Facts)], span: Span) -> What {
        let each = |it: &Facts| match &it.what {
            What::Each(each) if each.sure && self.conditions == 0 => Some((each.clone(), true)),
            What::OneOf(OneOf(each)) => Some((each.clone(), false)),
            _ => None,
        };
        let mut varied: Vec<(&Name, Each, bool)> =
            fields.iter().filter_map(|(name, it)| each(it).map(|(each, sure)| (name, each, sure))).collect();
        // Two loops are not gone through together.
        if let Some(items) = varied.first().map(|it| it.1.items.clone()) {
            varied.retain(|it| Arc::ptr_eq(&it.1.items, &items));
        }
        let sure = varied.iter().all(|it| it.2);
        let varied: Vec<(&Name, Vec<Value>)> =
            varied.into_iter().map(|(name, each, _)| (name, each.values().collect())).collect();
        let params = |round: usize| -> Option<Value> {
            let of = |name: &Name| varied.iter().find(|it| it.0 == name).and_then(|it| it.1.get(round)).cloned();
            let all = fields.iter().map(|(name, it)| Some((name.clone(), it.value().cloned().or_else(|| of(name))?)));
            Some(Value::Record(all.collect::<Option<_>>()?))
        };
        if varied.is_empty() {
            return params(0).map_or(What::Unknown, |it| made(template, &it, span));
        }
        // How far a rule looks back grows or shrinks with each of its parameters.
        let ends = varied.iter().flat_map(|(_, values)| {
            let by = |a: &&(usize, &Value), b: &&(usize, &Value)| compare(a.1, b.1).unwrap_or(Ordering::Equal);
            let all: Vec<_> = values.iter().enumerate().collect();
            [all.iter().max_by(by).map(|it| it.0), all.iter().min_by(by).map(|it| it.0)]
        });
        let farthest = ends
            .flatten()
            .filter_map(|round| match made(template, &params(round)?, span) {
                What::Strategy(it) => Some((it.strategy.rules.lookback(), round, it)),
                _ => None,
            })
            .max_by_key(|it| it.0);
        let Some((_, round, made)) = farthest else { return What::Unknown };
        let params = varied.iter().filter_map(|(name, it)| Some(format!("{name}: {}", it.get(round)?)));
        let among = Among { params: params.collect::<Vec<_>>().join(", "), sure };
        What::Strategy(Rc::new(Made { among: Some(among), ..(*made).clone() }))
    }
}

fn made(template: &Arc<dyn Template>, params: &Value, span: Span) -> What {
    let strategy = template.make(params).ok().and_then(|it| Strategy::try_from(it).ok());
    let made = |strategy| Made { template: template.clone(), strategy, span, among: None };
    strategy.map_or(What::Unknown, |it| What::Strategy(Rc::new(made(it))))
}

/// Computes what follows from known values.
fn folded(parts: &[Facts], kind: impl FnOnce(Vec<Box<Expr>>) -> Option<Kind>, ty: &Ty) -> Facts {
    let constant = |it: &Facts| {
        let kind = Kind::Const(it.value()?.clone());
        Some(Box::new(Expr { kind, ty: Ty::Any, span: Span::default() }))
    };
    let known: Option<Vec<_>> = parts.iter().map(constant).collect();
    let whole = known.and_then(kind).map(|kind| Expr { kind, ty: ty.clone(), span: Span::default() });
    Facts::of(whole.and_then(|it| eval(&it, &NoEnv).ok()).map_or(What::Unknown, What::Const))
}

/// The item of a list that a filter is tried on.
struct Item<'i>(&'i Value);

impl Env for Item<'_> {
    fn slot(&self, _: Slot) -> Value {
        self.0.clone()
    }
    fn context(&self, _: Context) -> Value {
        Value::None
    }
}

/// Returns the items that pass a filter, and whether that is sure: all where it depends on anything but the item.
fn passing(items: &Arc<[Value]>, filter: Option<&Expr>) -> (Arc<[Value]>, bool) {
    match filter {
        None => (items.clone(), true),
        Some(filter) if items.len() <= MOST_TRIED && reads_item(filter) => {
            let passes = |it: &&Value| !matches!(eval(filter, &Item(it)), Ok(Value::Bool(false)));
            (items.iter().filter(passes).cloned().collect(), true)
        }
        Some(_) => (items.clone(), false),
    }
}

/// Says whether an expression reads nothing but the item of its loop.
fn reads_item(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Const(_) => constant(expr).is_some(),
        Kind::Slot(it) => it.up == 0 && it.index == 0,
        Kind::Field(it, _) | Kind::Not(it) | Kind::Neg(it) | Kind::Convert(it) => reads_item(it),
        Kind::Index(a, b) | Kind::Binary(_, a, b) => reads_item(a) && reads_item(b),
        _ => false,
    }
}

/// Returns the places of the nodes, each after those that it needs.
pub(in crate::check) fn in_order(nodes: &[Node]) -> Vec<usize> {
    let mut order = Vec::with_capacity(nodes.len());
    let mut seen = vec![false; nodes.len()];
    for start in 0..nodes.len() {
        let mut open = vec![(start, 0)];
        while let Some((at, next)) = open.pop() {
            if next == 0 && seen.get_mut(at).is_none_or(|it| std::mem::replace(it, true)) {
                continue;
            }
            match nodes.get(at).and_then(|it| it.needs.get(next)) {
                Some(need) => {
                    open.push((at, next + 1));
                    if !seen.get(*need as usize).copied().unwrap_or(true) {
                        open.push((*need as usize, 0));
                    }
                }
                None => order.push(at),
            }
        }
    }
    order
}
