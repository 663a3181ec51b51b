//! Any graph, any order of completion: the same result, nothing twice, nothing before its inputs.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use proptest::prelude::*;
use wf::{
    check::{
        Arm, Filled, Input, Match, SubWorkflow, Work, Workflow,
        testing::{call, constant, expr, slot},
    },
    engine::{Status, run, run_each},
    expr::Kind,
    plan::plan,
    slice::Fault,
    value::{Symbol, Ty, Value},
};

use super::support::*;

/// For each step which earlier ones it needs, whether it fails, and how long it takes in microseconds.
#[derive(Clone, Debug)]
struct Shape(Vec<(Vec<u32>, bool, u64)>);

fn shapes() -> impl Strategy<Value = Shape> {
    let step = (prop::collection::vec(any::<prop::sample::Index>(), 0..4), prop::bool::weighted(0.1), 0u64..300);
    prop::collection::vec(step, 1..40).prop_map(|steps| {
        let steps = steps.into_iter().enumerate().map(|(at, (needs, fails, micros))| {
            let mut needs: Vec<_> =
                needs.iter().filter(|_| at > 0).map(|it| u32::try_from(it.index(at)).unwrap()).collect();
            needs.sort_unstable();
            needs.dedup();
            (needs, fails, micros)
        });
        Shape(steps.collect())
    })
}

/// Each step gives one more than the sum of what it needs, and takes note that it was called.
fn workflow(shape: &Shape, calls: &Arc<Mutex<BTreeMap<usize, u32>>>) -> Workflow {
    let mut it = draft();
    for (at, (needs, fails, micros)) in shape.0.iter().enumerate() {
        let (calls, fails, micros, count) = (calls.clone(), *fails, *micros, needs.len());
        let method = compute("sum", move |_, input| {
            std::thread::sleep(std::time::Duration::from_micros(micros));
            *calls.lock().unwrap().entry(at).or_insert(0) += 1;
            let Some(Value::List(given)) = input.field("x") else { return Err(Fault::permanent("no list")) };
            let given: Vec<_> =
                given.iter().filter_map(|it| if let Value::Int(it) = it { Some(*it) } else { None }).collect();
            assert_eq!(given.len(), count, "it ran before its inputs were there");
            if fails {
                Err(Fault::permanent("as told"))
            } else {
                Ok(Value::Int(given.iter().fold(1, |a, b| a.wrapping_add(*b))))
            }
        });
        let list = expr(Kind::List(needs.iter().map(|it| slot(0, *it)).collect()));
        it.step(&format!("s{at}"), call(&method, vec![("x", list)]), needs);
    }
    for at in 0..shape.0.len() {
        it.output(&format!("s{at}"), slot(0, u32::try_from(at).unwrap()));
    }
    it.workflow("random")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_order_of_completion_gives_the_same(shape in shapes()) {
        let mut results = Vec::new();
        for count in [1, 2, 8] {
            let calls = Arc::default();
            let result = go(workflow(&shape, &calls), parallel(real(), count));
            for (at, report) in result.steps().iter().enumerate() {
                let ran = calls.lock().unwrap().get(&at).copied().unwrap_or(0);
                prop_assert_eq!(ran, report.attempts, "{} was called as often as it was tried", report.path);
                prop_assert_eq!(ran, u32::from(report.status != Status::NotRun));
            }
            results.push(timeless(&result));
        }
        prop_assert_eq!(&results[0], &results[1]);
        prop_assert_eq!(&results[0], &results[2]);
    }
}

/// A loop with a match, a block and a called workflow inside.
fn nested() -> Workflow {
    let mut called = draft();
    called.param("n", Ty::Any, None);
    called.step("order", of(&echo(), 0, 0), &[]);
    called.output("filled", slot(0, 1));
    let called = Arc::new(called.workflow("act"));
    let mut block = draft();
    block.step("inner", of(&echo(), 1, 0), &[]);
    let arms = vec![
        Arm {
            patterns: vec![Value::text("BAD")],
            work: Work::Call(if let Work::Call(it) = one(&fails(), 0) { it } else { panic!() }),
        },
        Arm { patterns: Vec::new(), work: Work::Block(Box::new(block.body(Some(slot(0, 0))))) },
    ];
    let mut body = draft();
    body.variable("symbol", Ty::Symbol);
    body.step("chosen", Work::Match(Box::new(Match { on: slot(0, 0), arms })), &[]);
    let inputs = vec![Input { name: "n".into(), value: slot(0, 1), filled: Filled::Argument }];
    body.step(
        "trade",
        Work::Workflow(Box::new(SubWorkflow { workflow: called, inputs, span: wf::source::Span::default() })),
        &[0],
    );
    let mut it = draft();
    let list = constant(symbols(&["AAPL", "MSFT", "IBM"]));
    it.step("results", each(list, 2, body.body(Some(slot(0, 2)))), &[]);
    it.output("results", slot(0, 0));
    it.workflow("nested")
}

#[test]
fn paths_say_where_a_step_stands() {
    let result = go(nested(), real());
    let paths: Vec<_> = result.steps().into_iter().map(|it| it.path).collect();
    let wanted = [
        "results",
        "results[AAPL].chosen",
        "results[AAPL].chosen.inner",
        "results[AAPL].trade",
        "results[AAPL].trade/order",
    ];
    assert_eq!(paths[..5], wanted);
    assert_eq!(paths.len(), 13);
    let Value::List(items) = &result.outputs[0].1 else { panic!("no list") };
    assert_eq!(items[1].field("filled").unwrap().as_str(), Some("MSFT"));
    assert!(result.critical_path().iter().all(|it| paths.contains(it)), "{:?}", result.critical_path());
}

#[test]
fn nested_work_gives_the_same_at_any_parallelism() {
    let one = timeless(&go(nested(), parallel(real(), 1)));
    assert_eq!(one, timeless(&go(nested(), parallel(real(), 8))));
    assert_eq!(one, timeless(&go(nested(), simulated())));
}

#[test]
fn no_more_steps_run_at_once_than_allowed() {
    let running = Arc::new(Mutex::new((0, 0)));
    let method = {
        let running = running.clone();
        method(
            "counted",
            wf::slice::Body::Async(Box::new(move |_, _| {
                let running = running.clone();
                Box::pin(async move {
                    {
                        let mut it = running.lock().unwrap();
                        it.0 += 1;
                        it.1 = it.0.max(it.1);
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(3)).await;
                    running.lock().unwrap().0 -= 1;
                    Ok(Value::None)
                })
            })),
        )
    };
    for (limit, wanted) in [(Some(1), 1), (Some(3), 3), (None, 20)] {
        *running.lock().unwrap() = (0, 0);
        let mut it = draft();
        for at in 0..20 {
            it.step(&format!("s{at}"), one(&method, at), &[]);
        }
        let mut options = real();
        options.parallel = limit;
        assert_eq!(go(it.workflow("w"), options).status, Status::Succeeded);
        assert_eq!(running.lock().unwrap().1, wanted);
    }
}

#[test]
fn several_symbols_are_several_runs() {
    let picky = compute("picky", |_, input| match input.field("x") {
        Some(it) if it.as_str() == Some("BAD") => Err(Fault::permanent("no data")),
        it => Ok(it.unwrap_or_default()),
    });
    let mut it = draft();
    it.param("symbol", Ty::Symbol, None).context = Some(wf::expr::Context::Symbol);
    it.step("fetch_data", of(&picky, 0, 0), &[]);
    it.output("data", slot(0, 1));
    it.wants_symbol();
    let symbols = ["AAPL", "BAD", "MSFT"].map(|it| Symbol::new(it).unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let plan = Arc::new(plan(Arc::new(it.workflow("w"))));
    let result = runtime.block_on(run_each(plan.clone(), &symbols, real())).unwrap();
    let all = statuses(&result);
    let wanted =
        [("[AAPL].fetch_data", "succeeded"), ("[BAD].fetch_data", "failed"), ("[MSFT].fetch_data", "succeeded")];
    assert_eq!(listed(&all), wanted);
    assert_eq!(result.status, Status::Failed);
    let json = result.to_json(wf::value::Detail::Full);
    assert_eq!(
        json["outputs"],
        serde_json::json!({ "AAPL": { "data": "AAPL" }, "BAD": {}, "MSFT": { "data": "MSFT" } })
    );
    let mut wrong = real();
    wrong.inputs.insert("symbl".into(), "AAPL".into());
    let faults = runtime.block_on(run(plan, wrong)).err().unwrap();
    assert_eq!(faults[0].message, "`symbl` is no parameter of `w`; it has `symbol`");
}

#[test]
fn params_come_from_who_runs_it_then_from_the_context_then_from_their_defaults() {
    let make = || {
        let mut it = draft();
        let param = it.param("capital", Ty::Int, Some(constant(1i64)));
        param.within =
            Some(Value::Range(Arc::new(wf::value::RangeValue { low: Value::Int(0), high: Value::Int(10), by: None })));
        param.context = Some(wf::expr::Context::Seed);
        it.output("capital", slot(0, 0));
        Arc::new(plan(Arc::new(it.workflow("w"))))
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let value = |options| runtime.block_on(run(make(), options)).map(|it| it.outputs[0].1.clone());
    assert_eq!(value(simulated()).unwrap(), Value::Int(1));
    let mut given = simulated();
    given.give(wf::expr::Context::Seed, Value::Int(5));
    assert_eq!(value(given).unwrap(), Value::Int(5));
    let mut set = simulated();
    set.inputs.insert("capital".into(), Value::Int(7));
    assert_eq!(value(set).unwrap(), Value::Int(7));
    let mut wrong = simulated();
    wrong.inputs.insert("capital".into(), Value::Int(11));
    assert_eq!(value(wrong).unwrap_err()[0].message, "`capital`: 11 is outside `in 0..10`");
}
