//! Steps that fail, are tried again, stood in for, skipped or dropped.

use wf::{
    check::{
        Work,
        testing::{constant, slot},
    },
    engine::Status,
    slice::{Fault, FaultKind},
    value::{Percent, Value},
};

use super::support::*;

#[test]
fn a_step_that_fails_three_times_is_tried_a_fourth() {
    let mut it = draft();
    it.step("quote", one(&flaky(3, || Fault::transient("busy")), 7), &[]).retry = Some(retry(3, 1_000, 8_000));
    it.output("quote", slot(0, 0));
    let notes = Notes::default();
    let mut options = simulated();
    options.subscribers.push(Box::new(notes.clone()));
    let result = go(it.workflow("w"), options);
    assert_eq!(result.status, Status::Succeeded);
    let step = &result.steps()[0];
    assert_eq!((step.attempts, step.status), (4, Status::Succeeded));
    // Pauses of 1 to 2, 2 to 4 and 4 to 8 seconds.
    assert!((7.0..=14.0).contains(&step.running.as_secs_f64()), "{:?}", step.running);
    assert_eq!(result.outputs[0].1, Value::Int(7));
    let notes = notes.0.lock().unwrap();
    let wanted = [
        "run started",
        "quote ready",
        "quote started 1",
        "quote retried 1: busy",
        "quote started 2",
        "quote retried 2: busy",
        "quote started 3",
        "quote retried 3: busy",
        "quote started 4",
        "quote succeeded",
        "run succeeded",
    ];
    assert_eq!(*notes, wanted);
}

#[test]
fn what_another_try_cannot_mend_is_not_tried_again() {
    let mut it = draft();
    it.step("quote", one(&flaky(3, || Fault::permanent("unknown symbol")), 7), &[]).retry = Some(retry(3, 1, 2));
    let result = go(it.workflow("w"), simulated());
    let step = &result.steps()[0];
    assert_eq!((result.status, step.attempts), (Status::Failed, 1));
    assert_eq!(step.fault.as_ref().unwrap().message, "unknown symbol");
}

#[test]
fn a_step_over_its_time_out_fails_and_its_dependents_do_not_run() {
    for options in [simulated(), real()] {
        let mut it = draft();
        it.step("slow", one(&sleep(), 60_000), &[]).timeout = Some(millis(20));
        it.step("after", of(&echo(), 0, 0), &[0]);
        it.step("beside", one(&echo(), 1), &[]);
        let result = go(it.workflow("w"), options);
        let all = statuses(&result);
        assert_eq!(listed(&all), [("slow", "failed"), ("after", "not_run"), ("beside", "succeeded")]);
        let fault = result.steps()[0].fault.clone().unwrap();
        assert_eq!((fault.kind, &*fault.message), (FaultKind::TimedOut, "it took longer than 20ms"));
        assert_eq!(result.steps()[1].attempts, 0);
    }
}

#[test]
fn a_step_that_computes_too_long_is_abandoned() {
    let stubborn = compute("stubborn", |ctx, _| {
        while !ctx.cancel.is_cancelled() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        Ok(Value::None)
    });
    let mut it = draft();
    it.step("slow", one(&stubborn, 1), &[]).timeout = Some(millis(20));
    let result = go(it.workflow("w"), real());
    assert_eq!(result.steps()[0].fault.as_ref().unwrap().kind, FaultKind::TimedOut);
}

#[test]
fn a_panic_is_a_failed_step() {
    let mut it = draft();
    it.step("broken", one(&compute("broken", |_, _| panic!("index 7 of 3")), 1), &[]);
    it.step("beside", one(&echo(), 1), &[]);
    let result = go(it.workflow("w"), real());
    let fault = result.steps()[0].fault.clone().unwrap();
    assert_eq!((fault.kind, &*fault.message), (FaultKind::Panicked, "index 7 of 3"));
    assert_eq!(result.steps()[1].status, Status::Succeeded);
}

#[test]
fn an_else_stands_in_and_marks_the_run_but_not_its_readers() {
    let mut it = draft();
    let step = it.step("patterns", one(&fails(), 1), &[]);
    step.otherwise = vec![one(&fails(), 2), Work::Value(constant(5i64))];
    it.step("reader", of(&echo(), 0, 0), &[0]);
    it.output("reader", slot(0, 1));
    let result = go(it.workflow("w"), simulated());
    assert_eq!(result.status, Status::Degraded);
    let all = statuses(&result);
    assert_eq!(listed(&all), [("patterns", "degraded"), ("reader", "succeeded")]);
    let step = &result.steps()[0];
    assert_eq!((step.attempts, &*step.fault.as_ref().unwrap().message), (3, "no luck"));
    assert_eq!(step.fault.as_ref().unwrap().caused_by, ["`else`: no luck"]);
    assert_eq!(result.outputs[0].1, Value::Int(5));
}

#[test]
fn a_step_whose_condition_is_false_is_skipped_and_its_value_is_none() {
    let mut it = draft();
    it.step("order", one(&fails(), 1), &[]).when = Some(constant(false));
    it.step("reader", of(&echo(), 0, 0), &[0]);
    it.output("reader", slot(0, 1));
    let result = go(it.workflow("w"), simulated());
    let all = statuses(&result);
    assert_eq!(listed(&all), [("order", "skipped"), ("reader", "succeeded")]);
    assert_eq!(result.status, Status::Succeeded);
    assert!(result.outputs[0].1.is_none());
}

#[test]
fn a_failure_before_it_does_not_stop_what_merely_comes_after() {
    let mut it = draft();
    it.step("first", one(&fails(), 1), &[]);
    it.step("then", one(&echo(), 2), &[0]).order_only = vec![0];
    let result = go(it.workflow("w"), simulated());
    let all = statuses(&result);
    assert_eq!(listed(&all), [("first", "failed"), ("then", "succeeded")]);
}

/// A loop over symbols in which `BAD` fails.
fn picky(names: &[&str], parallel: i64, tolerate: Option<i64>) -> wf::check::Workflow {
    let picky = compute("picky", |_, input| match input.field("x") {
        Some(it) if it.as_str() == Some("BAD") => Err(Fault::transient("no data")),
        it => Ok(it.unwrap_or_default()),
    });
    let mut body = draft();
    body.variable("symbol", wf::value::Ty::Symbol);
    body.step("fetch", of(&picky, 0, 0), &[]);
    body.step("use", of(&echo(), 0, 1), &[0]);
    let mut it = draft();
    let step = it.step("results", each(constant(symbols(names)), parallel, body.body(Some(slot(0, 2)))), &[]);
    step.tolerate = tolerate.map(|it| constant(Percent(rust_decimal::Decimal::new(it, 2))));
    it.output("results", slot(0, 0));
    it.workflow("w")
}

#[test]
fn a_loop_gives_its_results_in_the_order_of_its_input() {
    let result = go(picky(&["AAPL", "MSFT", "AAPL"], 3, None), real());
    let all = statuses(&result);
    let wanted = [
        ("results", "succeeded"),
        ("results[AAPL].fetch", "succeeded"),
        ("results[AAPL].use", "succeeded"),
        ("results[MSFT].fetch", "succeeded"),
        ("results[MSFT].use", "succeeded"),
        ("results[AAPL#2].fetch", "succeeded"),
        ("results[AAPL#2].use", "succeeded"),
    ];
    assert_eq!(listed(&all), wanted);
    assert_eq!(result.outputs[0].1, symbols(&["AAPL", "MSFT", "AAPL"]));
}

#[test]
fn the_first_failure_in_a_loop_stops_the_rest() {
    let result = go(picky(&["AAPL", "BAD", "MSFT"], 1, None), simulated());
    let all = statuses(&result);
    let wanted = [
        ("results", "failed"),
        ("results[AAPL].fetch", "succeeded"),
        ("results[AAPL].use", "succeeded"),
        ("results[BAD].fetch", "failed"),
        ("results[BAD].use", "not_run"),
    ];
    assert_eq!(listed(&all), wanted);
    let fault = result.steps()[0].fault.clone().unwrap();
    assert_eq!((fault.kind, &*fault.message), (FaultKind::Transient, "`results[BAD].fetch` failed"));
    assert_eq!(fault.caused_by, ["no data"]);
}

#[test]
fn elements_within_the_tolerance_are_dropped_and_mark_the_run() {
    let result = go(picky(&["AAPL", "BAD", "MSFT", "IBM"], 4, Some(25)), real());
    assert_eq!(result.status, Status::Degraded);
    assert_eq!(result.outputs[0].1, symbols(&["AAPL", "MSFT", "IBM"]));
    let step = &result.steps()[0];
    assert_eq!(step.status, Status::Degraded);
    assert_eq!(step.fault.as_ref().unwrap().message, "1 of 4 elements failed");
    assert_eq!((result.summary.failed, result.summary.not_run), (1, 1));
    let result = go(picky(&["AAPL", "BAD", "BAD", "IBM"], 1, Some(25)), simulated());
    assert_eq!(result.status, Status::Failed);
    assert_eq!(result.steps()[0].fault.as_ref().unwrap().message, "2 of 4 elements failed");
}

#[test]
fn a_loop_that_fails_is_tried_again_as_a_whole() {
    let mut body = draft();
    body.variable("n", wf::value::Ty::Int);
    body.step("fetch", of(&flaky(1, || Fault::transient("busy")), 0, 0), &[]);
    let mut it = draft();
    let list = constant(Value::list([1i64, 2].map(Value::Int)));
    it.step("all", each(list, 1, body.body(Some(slot(0, 1)))), &[]).retry = Some(retry(2, 100, 200));
    it.output("all", slot(0, 0));
    let result = go(it.workflow("w"), simulated());
    let all = statuses(&result);
    // The first two tries failed, one for each element; what is shown is the last.
    assert_eq!(listed(&all), [("all", "succeeded"), ("all[0].fetch", "succeeded"), ("all[1].fetch", "succeeded")]);
    assert_eq!(result.steps()[0].attempts, 3);
}
