//! What a run tells of itself: notices that methods give, and whether data is degraded.

use std::sync::{Arc, Mutex};

use wf::{
    check::{
        Filled, Input, SubWorkflow, Work,
        testing::{constant, expr, slot},
    },
    engine::Status,
    expr::{BUILTINS, Expr, Kind},
    slice::{Fault, ports::Notifier},
    value::{Percent, Ty, Value},
};

use super::support::*;

/// Keeps what it is told.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<String>>>);

impl Notifier for Kept {
    fn notify(&self, topic: &str, message: &str, data: Value) {
        self.0.lock().unwrap().push(format!("{topic}: {message} ({data})"));
    }
}

#[test]
fn what_methods_notify_reaches_the_caller_and_who_reads_events() {
    let speak = compute("speak", |ctx, input| {
        ctx.services.notifier.notify("fills", "bought 10", input.field("x").unwrap_or_default());
        Ok(Value::None)
    });
    for mut options in [simulated(), real()] {
        let mut it = draft();
        it.step("trade", one(&speak, 7), &[]);
        let (notes, kept) = (Notes::default(), Kept::default());
        let services = wf::slice::Services { notifier: Arc::new(kept.clone()), ..(*options.services).clone() };
        options.services = Arc::new(services);
        options.subscribers.push(Box::new(notes.clone()));
        assert_eq!(go(it.workflow("w"), options).status, Status::Succeeded);
        assert_eq!(*kept.0.lock().unwrap(), ["fills: bought 10 (7)"]);
        let wanted =
            ["run started", "trade ready", "trade started 1", "notified fills", "trade succeeded", "run succeeded"];
        assert_eq!(*notes.0.lock().unwrap(), wanted);
    }
}

#[test]
fn a_notice_reaches_a_caller_whom_no_events_interest() {
    let speak = compute("speak", |ctx, _| {
        ctx.services.notifier.notify("fills", "bought 10", Value::None);
        Ok(Value::None)
    });
    let mut it = draft();
    it.step("trade", one(&speak, 7), &[]);
    let (mut options, kept) = (real(), Kept::default());
    options.services =
        Arc::new(wf::slice::Services { notifier: Arc::new(kept.clone()), ..(*options.services).clone() });
    go(it.workflow("w"), options);
    assert_eq!(kept.0.lock().unwrap().len(), 1);
}

/// `degraded(what)`.
fn degraded(what: Expr) -> Work {
    let builtin = BUILTINS.iter().find(|it| it.name == "degraded").unwrap();
    Work::Value(expr(Kind::Builtin(builtin, vec![what])))
}

fn yes(result: &wf::engine::RunResult, output: &str) -> bool {
    let found = result.outputs.iter().find(|it| &*it.0 == output);
    matches!(found, Some((_, Value::Bool(true))))
}

#[test]
fn what_an_else_gave_is_degraded_and_so_is_what_comes_of_it() {
    for broken in [false, true] {
        let mut it = draft();
        let work = if broken { one(&fails(), 1) } else { one(&echo(), 1) };
        it.step("quote", work, &[]).otherwise = vec![Work::Value(constant(5i64))];
        it.step("other", one(&echo(), 1), &[]);
        it.step("signal", of(&echo(), 0, 0), &[0]);
        for (name, index) in [("quote", 0u32), ("other", 1), ("signal", 2)] {
            it.step(&format!("{name}_is"), degraded(slot(0, index)), &[index]);
        }
        it.step("asked", Work::Value(slot(0, 3)), &[3]);
        it.step("asked_is", degraded(slot(0, 6)), &[6]);
        for (index, name) in [(3, "quote"), (4, "other"), (5, "signal"), (7, "asked")] {
            it.output(name, slot(0, index));
        }
        let result = go(it.workflow("w"), real());
        assert_eq!((yes(&result, "quote"), yes(&result, "signal")), (broken, broken));
        assert!(!yes(&result, "other"), "it reads nothing degraded");
        assert!(!yes(&result, "asked"), "to ask is not to read");
    }
}

#[test]
fn a_loop_without_some_of_its_elements_is_degraded_and_so_are_the_elements_of_a_degraded_list() {
    let picky = compute("picky", |_, input| match input.field("x") {
        Some(Value::Int(2)) => Err(Fault::permanent("no data")),
        it => Ok(it.unwrap_or_default()),
    });
    let numbers = || constant(Value::list([1i64, 2, 3].map(Value::Int)));
    let mut it = draft();
    let mut body = draft();
    body.variable("n", Ty::Int);
    body.step("pick", of(&picky, 0, 0), &[]);
    body.step("is", degraded(slot(0, 0)), &[]);
    let work = each(numbers(), 2, body.body(Some(slot(0, 2))));
    it.step("whole", work, &[]).tolerate = Some(constant(Percent(rust_decimal::Decimal::new(5, 1))));
    let mut body = draft();
    body.variable("is", Ty::Bool);
    body.step("inner", degraded(slot(0, 0)), &[]);
    it.step("again", each(slot(0, 0), 2, body.body(Some(slot(0, 1)))), &[0]);
    it.step("whole_is", degraded(slot(0, 0)), &[0]);
    ["whole", "again", "whole_is"].iter().zip(0..).for_each(|(name, at)| it.output(name, slot(0, at)));
    let result = go(it.workflow("w"), simulated());
    let value = |at: usize| result.outputs[at].1.to_string();
    assert_eq!(value(0), "[false, false]", "the elements of a sound list");
    assert_eq!(value(1), "[true, true]", "those of a degraded one");
    assert!(yes(&result, "whole_is"));
}

#[test]
fn a_called_workflow_passes_on_what_is_degraded() {
    let mut called = draft();
    called.param("n", Ty::Any, None);
    called.step("is", degraded(slot(0, 0)), &[]);
    called.step("echo", of(&echo(), 0, 0), &[]);
    called.output("is", slot(0, 1));
    called.output("echo", slot(0, 2));
    let called = Arc::new(called.workflow("act"));
    let call = |index| {
        let inputs = vec![Input { name: "n".into(), value: slot(0, index), filled: Filled::Argument }];
        Work::Workflow(Box::new(SubWorkflow { workflow: called.clone(), inputs, span: wf::source::Span::default() }))
    };
    let mut it = draft();
    it.step("bad", one(&fails(), 1), &[]).otherwise = vec![Work::Value(constant(5i64))];
    it.step("good", one(&echo(), 1), &[]);
    it.step("of_bad", call(0), &[0]);
    it.step("of_good", call(1), &[1]);
    it.step("bad_is", degraded(slot(0, 2)), &[2]);
    it.step("good_is", degraded(slot(0, 3)), &[3]);
    ["bad", "good", "of_bad", "of_good", "bad_is", "good_is"]
        .iter()
        .zip(0..)
        .for_each(|(name, at)| it.output(name, slot(0, at)));
    let result = go(it.workflow("w"), real());
    let inside = |at: usize| result.outputs[at].1.field("is").unwrap().to_string();
    assert_eq!((inside(2), inside(3)), ("true".into(), "false".into()));
    assert_eq!((yes(&result, "bad_is"), yes(&result, "good_is")), (true, false));
}
