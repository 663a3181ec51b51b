//! Stops, deadlines and virtual time.

use std::time::{Duration, Instant};

use wf::{
    check::{
        Workflow,
        testing::{constant, slot},
    },
    engine::Status,
    slice::{Fault, FaultKind},
    value::{Detail, Ty, Value},
};

use super::support::*;

#[test]
fn a_cancelled_run_gives_running_steps_a_time_of_grace() {
    let mut it = draft();
    it.step("quick", one(&sleep(), 60), &[]);
    it.step("slow", one(&sleep(), 60_000), &[]);
    it.step("next", of(&echo(), 0, 0), &[0]);
    let mut options = real();
    options.grace = Duration::from_millis(150);
    let cancel = options.cancel.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        cancel.cancel();
    });
    let begun = Instant::now();
    let result = go(it.workflow("w"), options);
    assert!((150..5_000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    assert_eq!(result.status, Status::Cancelled);
    let all = statuses(&result);
    assert_eq!(listed(&all), [("quick", "succeeded"), ("slow", "cancelled"), ("next", "not_run")]);
}

#[test]
fn a_step_that_computes_and_does_not_listen_is_left_behind() {
    let deaf = compute("deaf", |_, _| {
        std::thread::sleep(Duration::from_secs(3));
        Ok(Value::None)
    });
    let mut it = draft();
    for at in 0..4 {
        it.step(&format!("s{at}"), one(&deaf, at), &[]);
    }
    let mut options = real();
    options.grace = Duration::from_millis(50);
    options.deadline = Some(Duration::from_millis(50));
    let begun = Instant::now();
    let result = go(it.workflow("w"), options);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(result.status, Status::Failed);
    assert!(result.steps().iter().all(|it| matches!(it.status, Status::Cancelled | Status::NotRun)));
}

#[test]
fn a_run_over_its_deadline_fails() {
    let mut it = draft();
    it.step("slow", one(&sleep(), 60_000), &[]);
    it.deadline(millis(2_000));
    let result = go(it.workflow("w"), simulated());
    assert_eq!(result.status, Status::Failed);
    assert_eq!(result.took, Duration::from_secs(7), "the deadline and the time of grace");
    let fault = result.steps()[0].fault.clone().unwrap();
    assert_eq!((fault.kind, &*fault.message), (FaultKind::TimedOut, "the deadline of the workflow passed"));
    assert_eq!(result.error.unwrap().kind, FaultKind::TimedOut);
}

#[test]
fn the_time_out_of_a_loop_stops_what_is_in_it() {
    let mut body = draft();
    body.variable("ms", Ty::Int);
    body.step("nap", of(&sleep(), 0, 0), &[]);
    let mut it = draft();
    let list = constant(Value::list([10i64, 5_000, 20, 30].map(Value::Int)));
    let step = it.step("naps", each(list, 2, body.body(Some(slot(0, 1)))), &[]);
    step.timeout = Some(millis(1_000));
    let result = go(it.workflow("w"), simulated());
    let all = statuses(&result);
    let wanted = [
        ("naps", "failed"),
        ("naps[0].nap", "succeeded"),
        ("naps[1].nap", "cancelled"),
        ("naps[2].nap", "succeeded"),
        ("naps[3].nap", "succeeded"),
    ];
    assert_eq!(listed(&all), wanted);
    assert_eq!(result.steps()[0].fault.as_ref().unwrap().kind, FaultKind::TimedOut);
    assert_eq!(result.took, Duration::from_secs(1));
}

/// Sleeps and failures in a loop, so that every try depends on the seed.
fn busy() -> Workflow {
    let mut body = draft();
    body.variable("ms", Ty::Int);
    body.step("nap", of(&sleep(), 0, 0), &[]);
    body.step("flaky", of(&flaky(2, || Fault::transient("busy")), 0, 1), &[0]).retry = Some(retry(3, 50, 900));
    let mut it = draft();
    let list = constant(Value::list((1..=20i64).map(|it| Value::Int(it * 7 % 11 * 100 + it))));
    it.step("naps", each(list, 6, body.body(Some(slot(0, 2)))), &[]);
    it.output("naps", slot(0, 0));
    it.workflow("busy")
}

#[test]
fn with_a_seed_and_a_virtual_time_a_run_is_repeated_byte_for_byte() {
    let bytes = |seed, count| {
        let mut options = parallel(simulated(), count);
        options.give(wf::expr::Context::Seed, Value::Int(seed));
        go(busy(), options).to_json(Detail::Full).to_string()
    };
    for count in [1, 2, 8, 64] {
        assert_eq!(bytes(7, count), bytes(7, count), "at {count}");
    }
    assert_ne!(bytes(7, 8), bytes(8, 8), "another seed gives other pauses");
    assert_eq!(bytes(7, 8), bytes(7, 64), "the loop has six at once, so more places change nothing");
}

#[test]
fn virtual_time_does_not_wait() {
    let begun = Instant::now();
    let mut it = draft();
    it.step("year", one(&sleep(), 365 * 86_400_000), &[]);
    let result = go(it.workflow("w"), simulated());
    assert_eq!(result.took, Duration::from_secs(365 * 86_400));
    assert!(begun.elapsed() < Duration::from_secs(5));
}
