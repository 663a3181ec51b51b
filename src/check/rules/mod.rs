//! What is legal but wrong or unsafe: one file for each rule, and one list of them for each place that they look at.

mod costs;
mod degraded_orders;
mod early;
mod explicit_wiring;
mod fan_out;
mod hidden;
mod house_limits;
mod impossible_limits;
mod layout;
mod listed_twice;
mod live_limits;
mod lucky_choice;
mod measured_on_training;
mod names;
mod never_runs;
mod no_embargo;
mod no_seed;
mod no_timeout;
mod old_names;
mod open_bars;
mod order_rate;
mod other_timeframe;
mod overlapping_runs;
mod retried_orders;
mod secrets;
mod sizes;
mod todays_symbols;
mod too_few_bars;
mod unchecked_orders;
mod unfit_file;
mod unused;
mod worst_case;

pub(super) use early::check as early;
pub(super) use hidden::check as hidden;
pub(super) use listed_twice::check as listed_twice;
pub(super) use old_names::check as old_names;
pub(super) use unused::check as unused;

use super::{
    Input, Node, Options,
    clauses::Clauses,
    facts::{CallFacts, Choice},
    load::Project,
    walk::{Done, Walk},
    wire::Site,
    worst::Counts,
};
use crate::{
    expr::Expr,
    slice::{Method, Registry},
    source::{Diagnostic, Sources, Span},
    syntax::ast,
    value::Name,
};

/// A step, resolved, as a rule looks at it.
pub(super) struct StepView<'v, 'a> {
    pub tree: &'a ast::Step,
    pub clauses: &'v Clauses<'a>,
    pub done: &'v Done,
    /// How many values had been read before this step.
    pub from: usize,
}

/// A call of a method, resolved.
pub(super) struct CallView<'v, 'a> {
    pub method: &'v Method,
    pub inputs: &'v [Input],
    pub site: &'v Site<'a>,
}

/// A limit of a workflow.
pub(super) struct LimitView<'v> {
    pub name: &'v ast::Name,
    pub value: &'v Expr,
    pub span: Span,
}

/// A whole workflow, resolved.
pub(super) struct WorkflowView<'v> {
    pub nodes: &'v [Node],
    pub limits: &'v [(Name, Expr)],
    pub counts: &'v Counts,
}

/// The tree of a file.
pub(super) struct FileView<'v> {
    pub file: &'v ast::File,
    pub sources: &'v Sources,
    pub registry: &'v Registry,
    pub options: &'v Options,
}

/// The rules that look at a step.
const STEP: &[fn(&mut Walk<'_, '_>, &StepView<'_, '_>)] =
    &[retried_orders::check, degraded_orders::check, no_timeout::check, never_runs::check];

/// The rules that look at a call.
const CALL: &[fn(&mut Walk<'_, '_>, &CallView<'_, '_>)] = &[costs::check, explicit_wiring::check];

/// The rules that look at a limit.
const LIMIT: &[fn(&mut Walk<'_, '_>, &LimitView<'_>)] = &[house_limits::check, impossible_limits::check];

/// The rules that look at a whole workflow.
const WORKFLOW: &[fn(&mut Walk<'_, '_>, &WorkflowView<'_>)] =
    &[live_limits::check, worst_case::check, overlapping_runs::check, fan_out::check, order_rate::check];

/// The rules that look at the tree of a file.
const FILE: &[fn(&FileView<'_>, &mut Vec<Diagnostic>)] =
    &[secrets::check, sizes::check, no_embargo::check, names::check, layout::check];

/// The rules that look at a call with all that is known of what goes into it.
const FACTS: &[fn(&CallFacts<'_, '_, '_>) -> Option<Diagnostic>] = &[
    measured_on_training::check,
    too_few_bars::check,
    other_timeframe::check,
    todays_symbols::check,
    open_bars::check,
    unchecked_orders::check,
    no_seed::check,
    unfit_file::check,
    no_embargo::of_call,
];

/// Looks at a step.
pub(super) fn step<'a>(walk: &mut Walk<'_, 'a>, tree: &'a ast::Step, clauses: &Clauses<'a>, done: &Done, from: usize) {
    walk.stream_tolerance(clauses.tolerate.as_ref(), &done.ty);
    let view = StepView { tree, clauses, done, from };
    STEP.iter().for_each(|rule| rule(walk, &view));
}

/// Looks at a call.
pub(super) fn call<'a>(walk: &mut Walk<'_, 'a>, method: &Method, inputs: &[Input], site: &Site<'a>) {
    let view = CallView { method, inputs, site };
    CALL.iter().for_each(|rule| rule(walk, &view));
}

/// Looks at a limit.
pub(super) fn limit(walk: &mut Walk<'_, '_>, name: &ast::Name, value: &Expr, span: Span) {
    let view = LimitView { name, value, span };
    LIMIT.iter().for_each(|rule| rule(walk, &view));
}

/// Looks at a whole workflow.
pub(super) fn workflow(walk: &mut Walk<'_, '_>, nodes: &[Node], limits: &[(Name, Expr)], counts: &Counts) {
    let view = WorkflowView { nodes, limits, counts };
    WORKFLOW.iter().for_each(|rule| rule(walk, &view));
}

/// Looks at a call with all that is known of what goes into it.
pub(super) fn facts(call: &CallFacts<'_, '_, '_>) -> Vec<Diagnostic> {
    FACTS.iter().filter_map(|rule| rule(call)).collect()
}

/// Looks at a choice among trials.
pub(super) fn choice(choice: &Choice) -> Option<Diagnostic> {
    lucky_choice::check(choice)
}

/// Looks at the tree of every file.
pub(super) fn files(
    project: &Project,
    sources: &Sources,
    registry: &Registry,
    options: &Options,
    out: &mut Vec<Diagnostic>,
) {
    for unit in &project.units {
        let view = FileView { file: &unit.file, sources, registry, options };
        FILE.iter().for_each(|rule| rule(&view, out));
    }
}
