//! Plans: worst cases, descriptions and pictures, of workflows drafted by hand and of those that come with the program.

use std::{sync::Arc, time::Duration};

use super::engine::support::*;
use wf::{
    check::{
        self, Filled, Input, SubWorkflow, Work, Workflow,
        testing::{Draft, constant, slot},
    },
    plan::{Plan, describe, describe_json, export, plan, steps, unsupported},
    slice::{Effect, Method},
    slices,
    source::{Code, Source, Sources, Span},
    value::{Ty, Value},
};

fn planned(draft: Draft) -> Plan {
    plan(Arc::new(draft.workflow("w")))
}

/// A method that may place orders.
fn orders() -> Arc<Method> {
    let it = echo();
    let wf::slice::Body::Compute(run) = &it.body else { panic!("it computes") };
    Arc::new(Method {
        fits: None,
        slice: it.slice,
        name: "order",
        aliases: Vec::new(),
        doc: it.doc.clone(),
        effect: Effect::Orders,
        inputs: it.inputs.clone(),
        output: it.output.clone(),
        deterministic: true,
        network: false,
        simulated: false,
        repaints: false,
        seed: None,
        role: None,
        deprecated: Vec::new(),
        available: it.available,
        body: wf::slice::Body::Compute(run.clone()),
    })
}

/// A step of 2 s and at most four tries with pauses of 2, 4 and 5 s, a loop of five over it two at once, and a bare
/// value.
fn bounded() -> Draft {
    let mut body = draft();
    body.variable("n", Ty::Int);
    body.step("order", of(&orders(), 0, 0), &[]).timeout = Some(millis(1_000));
    let mut it = draft();
    let quote = it.step("quote", one(&echo(), 1), &[]);
    (quote.timeout, quote.retry) = (Some(millis(2_000)), Some(retry(3, 1_000, 5_000)));
    let list = constant(Value::list((0..5i64).map(Value::Int)));
    it.step("trades", each(list, 2, body.body(Some(slot(0, 1)))), &[0]);
    it.step("note", Work::Value(constant(1i64)), &[1]);
    it
}

#[test]
fn the_worst_case_counts_tries_pauses_rounds_and_orders() {
    let bounds = planned(bounded()).bounds();
    assert_eq!(bounds.tries, Some(4 + 5));
    assert_eq!(bounds.orders, Some(5));
    // Four tries of 2 s, pauses of 2, 4 and 5 s, then three rounds of 1 s.
    assert_eq!(bounds.time, Some(Duration::from_secs(8 + 11 + 3)));
    assert!(bounds.endless.is_empty());
    assert_eq!((bounds.fan_out[0].elements, bounds.fan_out[0].parallel), (Some(5), Some(2)));
}

#[test]
fn steps_side_by_side_take_the_time_of_the_longer_and_a_deadline_bounds_all() {
    let mut it = draft();
    for (name, time) in [("short", 1_000), ("long", 9_000)] {
        it.step(name, one(&echo(), 1), &[]).timeout = Some(millis(time));
    }
    it.step("endless", one(&echo(), 1), &[]);
    let bounds = planned(it.clone()).bounds();
    assert_eq!((bounds.time, &*bounds.endless[0].path), (None, "endless"));
    it.deadline(millis(4_000));
    assert_eq!(planned(it).bounds().time, Some(Duration::from_secs(4)));
    let mut it = draft();
    for (name, time) in [("short", 1_000), ("long", 9_000)] {
        it.step(name, one(&echo(), 1), &[]).timeout = Some(millis(time));
    }
    assert_eq!(planned(it).bounds().time, Some(Duration::from_secs(9)));
}

#[test]
fn what_depends_on_values_of_the_run_is_not_known() {
    let mut body = draft();
    body.variable("n", Ty::Int);
    body.step("use", of(&echo(), 0, 0), &[]).timeout = Some(millis(10));
    let mut it = draft();
    it.step("list", one(&echo(), 1), &[]).timeout = Some(millis(10));
    it.step("all", each(slot(0, 0), 2, body.body(Some(slot(0, 1)))), &[0]);
    let bounds = planned(it).bounds();
    assert_eq!((bounds.tries, bounds.time, bounds.orders), (None, None, Some(0)));
    assert_eq!(bounds.endless[0].path, "all");
}

#[test]
fn a_description_says_what_each_step_does_and_what_it_waits_for() {
    let text = describe(&planned(bounded()));
    let wanted = "\
w in mode backtest: 4 steps

     step     does                 effect  waits for  bounds
  1  quote    test.echo            pure               4 tries, 2s a try
  2  trades   for each, 2 at once  pure    quote
  3    order  test.order           orders             1s a try
  4  note     1                    pure    trades

longest chain
  quote > trades > note

worst case
  tries   9 tries
  orders  5 calls that may place orders
  time    22s
  loop    `trades`: 5 elements, 2 at once
";
    assert_eq!(text, wanted);
    let json = describe_json(&planned(bounded()));
    assert_eq!(json["worst_case"]["seconds"], 22.0);
    assert_eq!(json["steps"][2]["path"], "trades[].order");
    assert_eq!(json["longest_chain"], serde_json::json!(["quote", "trades", "note"]));
}

/// A workflow that calls one twice that calls one twice, and so on: as many calls in all as two to the `depth`.
fn doubling(depth: usize) -> Workflow {
    let mut called: Option<Arc<Workflow>> = None;
    for level in 0..=depth {
        let mut it = draft();
        for name in ["left", "right"] {
            let work = match &called {
                None => one(&echo(), 1),
                Some(it) => Work::Workflow(Box::new(SubWorkflow {
                    workflow: it.clone(),
                    inputs: Vec::new(),
                    span: Span::default(),
                })),
            };
            it.step(name, work, &[]);
        }
        called = Some(Arc::new(it.workflow(&format!("level{level}"))));
    }
    Arc::try_unwrap(called.unwrap()).unwrap()
}

#[test]
fn a_workflow_that_is_called_often_is_looked_at_once() {
    let workflow = doubling(10);
    assert!(unsupported(&workflow).is_empty());
    let plan = plan(Arc::new(workflow));
    let steps = steps(&plan);
    assert_eq!(steps.len(), 2 * 11);
    assert_eq!(steps[0].same_as, None);
    assert_eq!(steps.last().unwrap().same_as.as_deref(), Some("left"));
    assert_eq!(plan.bounds().tries, Some(1 << 11));
    for picture in [export::svg(&plan), export::dot(&plan), export::mermaid(&plan), export::json(&plan).to_string()] {
        assert!(picture.len() < 20_000, "{}", picture.len());
    }
}

fn parsed(name: &str, text: &str) -> Result<Arc<Workflow>, String> {
    let mut sources = Sources::default();
    let path = std::path::Path::new("workflows").join(name);
    let root = sources.add(Source::new(name, Some(path.clone()), text));
    let checked = check::check(&mut sources, root, &slices::library(), &check::Options::default());
    checked.workflow(None, None).map_err(|_| format!("{:?}", checked.diagnostics))
}

fn read(name: &str) -> Plan {
    let text = std::fs::read_to_string(format!("workflows/{name}")).unwrap();
    plan(parsed(name, &text).unwrap())
}

#[test]
fn pictures_of_a_workflow_from_a_file_show_every_step_once() {
    let plan = read("optimization.wf");
    let names = ["history", "folds", "train", "held", "trials", "run", "best", "out_of_sample", "summary"];
    let svg = export::svg(&plan);
    for name in names {
        assert_eq!(svg.matches(&format!(">{name}</text>")).count(), 1, "{name}");
    }
    assert!(svg.contains("prefers-color-scheme: dark") && svg.contains("for each, 8 at once"));
    assert!(svg.contains(">reads</text>") && !svg.contains("places orders"), "the legend has what occurs");
    let (dot, mermaid) = (export::dot(&plan), export::mermaid(&plan));
    for name in names {
        assert_eq!(dot.matches(&format!("[label=\"{name}\\n")).count(), 1, "{name}");
        assert_eq!(mermaid.matches(&format!("(\"{name}<br/>")).count(), 1, "{name}");
    }
    assert_eq!(dot.matches("subgraph cluster_").count(), 2);
    assert_eq!(mermaid.matches("subgraph ").count(), mermaid.lines().filter(|it| it.trim() == "end").count());
    let json = export::json(&plan);
    assert_eq!(json["nodes"][1]["clusters"][0]["nodes"].as_array().unwrap().len(), 5);
    assert_eq!(json["edges"][0]["from"], json["nodes"][0]["id"]);
}

/// No box of a picture may lie over another that it is not in, and none may stick out of the picture.
#[test]
fn boxes_of_a_picture_do_not_overlap() {
    for name in ["optimization.wf", "simple_backtest.yaml"] {
        let svg = export::svg(&read(name));
        let number = |line: &str, name: &str| -> f64 {
            let from = line.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
            line[from..].split('"').next().unwrap().parse().unwrap()
        };
        let boxes = svg.lines().filter(|it| it.starts_with("<rect class=\"box ") && !it.contains("width=\"14\""));
        let boxes: Vec<_> =
            boxes.map(|it| (number(it, "x"), number(it, "y"), number(it, "width"), number(it, "height"))).collect();
        let width = number(svg.lines().next().unwrap(), "width");
        assert!(boxes.len() >= 6, "{name}");
        for (at, a) in boxes.iter().enumerate() {
            assert!(a.0 >= 0.0 && a.0 + a.2 <= width, "{name}: {a:?} sticks out");
            for b in &boxes[..at] {
                let apart = a.0 + a.2 <= b.0 || b.0 + b.2 <= a.0 || a.1 + a.3 <= b.1 || b.1 + b.3 <= a.1;
                let inside = |a: &(f64, f64, f64, f64), b: &(f64, f64, f64, f64)| {
                    a.0 > b.0 && a.1 > b.1 && a.0 + a.2 < b.0 + b.2 && a.1 + a.3 < b.1 + b.3
                };
                assert!(apart || inside(a, b) || inside(b, a), "{name}: {a:?} over {b:?}");
            }
        }
    }
}

#[test]
fn levels_and_the_longest_chain_follow_the_needs() {
    let plan = read("simple_backtest.yaml");
    let chain: Vec<_> = plan.root().longest_chain().iter().map(|it| plan.root().step(*it).name.to_string()).collect();
    assert_eq!(chain.len() as u32, plan.root().levels().iter().max().unwrap() + 1);
    assert_eq!((&*chain[0], &**chain.last().unwrap()), ("fetch_data", "run_backtest"));
}

#[test]
fn what_is_not_run_yet_is_said_where_it_stands() {
    let text = "workflow w {\n  step prices = data.get_historical(symbol: \"AAPL\")\n    cache 1d\n}\n";
    let workflow = parsed("w.wf", text).unwrap();
    let found = unsupported(&workflow);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].code, &*found[0].message), (Code::S012, "`cache` of `prices` is not run yet"));
    assert_eq!(&text[found[0].span.start as usize..found[0].span.end as usize], "1d");
}

#[test]
fn a_called_workflow_names_its_inputs_in_the_plan() {
    let mut called = draft();
    called.param("n", Ty::Any, None);
    called.step("order", of(&orders(), 0, 0), &[]);
    called.output("filled", slot(0, 1));
    let called = Arc::new(called.workflow("act"));
    let inputs = vec![Input { name: "n".into(), value: constant(1i64), filled: Filled::Argument }];
    let mut it = draft();
    it.step("trade", Work::Workflow(Box::new(SubWorkflow { workflow: called, inputs, span: Span::default() })), &[]);
    let found = steps(&planned(it));
    let found: Vec<_> = found.iter().map(|it| (&*it.path, it.depth, &*it.does[0])).collect();
    assert_eq!(found, [("trade", 0, "act"), ("trade/order", 1, "test.order")]);
}
