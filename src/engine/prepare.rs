//! From options to the first frame, or what is wrong with them.

use std::{sync::Arc, time::Duration};

use sha2::{Digest as _, Sha256};

use super::{
    frame::{Frame, Key, Scope},
    options::RunOptions,
    params, perform,
};
use crate::{
    expr::Context,
    plan::{BodyId, Plan},
    slice::{Cancel, Fault},
    value::{Detail, Symbol, Value, hex},
};

/// Returns the frame that a run starts with, for one symbol where it is one of several.
pub(crate) fn root(plan: &Arc<Plan>, options: &RunOptions, symbol: Option<&Symbol>) -> Result<Arc<Frame>, Vec<Fault>> {
    let workflow = plan.workflow();
    let mut context = options.context_values();
    let mut set = |name: Context, value: Value| {
        if let Some(place) = context.get_mut(name as usize) {
            *place = value;
        }
    };
    set(Context::Mode, Value::Text(workflow.mode().clone()));
    if let Some(symbol) = symbol {
        set(Context::Symbol, symbol.clone().into());
        set(Context::Symbols, Value::list([Value::from(symbol.clone())]));
    }
    let unknown = options.inputs.keys().filter(|name| !workflow.params().iter().any(|it| it.name == **name));
    let unknown = unknown.map(|name| {
        let names: Vec<_> = workflow.params().iter().map(|it| format!("`{}`", it.name)).collect();
        let names = if names.is_empty() { "it has none".into() } else { format!("it has {}", names.join(", ")) };
        Fault::input(format_args!("`{name}` is no parameter of `{}`; {names}", workflow.name()))
    });
    let mut faults: Vec<_> = unknown.collect();
    let given = |param: &crate::check::Param| {
        let name =
            param.context.filter(|it| options.given.contains(it) || symbol.is_some() && *it == Context::Symbol)?;
        context.get(name as usize).cloned()
    };
    let values = params::fill(workflow, &|name| options.inputs.get(name).cloned(), &given, &context);
    let values = values.unwrap_or_else(|wrong| {
        faults.extend(wrong);
        Vec::new()
    });
    if !faults.is_empty() {
        return Err(faults);
    }
    let services = params::limited(workflow, &values, &context, &options.services).map_err(|it| vec![it])?;
    let scope = Arc::new(Scope { plan: plan.clone(), services, context: context.into(), degraded: Arc::default() });
    let key = symbol.map_or(Key::Only, |it| Key::Text(it.as_str().into(), 0));
    Ok(Arc::new(Frame::new(BodyId::ROOT, scope, None, key, Cancel::default(), values)))
}

/// Returns the deadline of a run: the lesser of the workflow's and the caller's.
pub(crate) fn deadline(options: &RunOptions, root: &Frame) -> Result<Option<Duration>, Vec<Fault>> {
    let own = root.scope.plan.workflow().deadline();
    let own = own.map(|it| perform::span(&super::eval::guarded(it, root)?, "deadline"));
    let own = own.transpose().map_err(|it| vec![it])?;
    Ok(own.into_iter().chain(options.deadline).min())
}

/// Returns the id of a run. One whose seed a person gave follows from what is run alone, so that equal runs are equal
/// byte for byte; any other follows from when it started, too.
pub(crate) fn run_id(plan: &Plan, options: &RunOptions, symbols: &[Symbol]) -> Arc<str> {
    if let Some(id) = &options.run {
        return id.clone();
    }
    let workflow = plan.workflow();
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    };
    add(workflow.meaning());
    add(workflow.mode());
    for (name, value) in &options.inputs {
        add(name);
        add(&value.to_json(Detail::Full).to_string());
    }
    for (name, value) in Context::ALL.iter().zip(options.context_values()) {
        add(name.name());
        add(&value.to_json(Detail::Full).to_string());
    }
    symbols.iter().for_each(|it| add(it.as_str()));
    if !options.given.contains(&Context::Seed) {
        add(&options.services.clock.now().to_string());
        add(&std::process::id().to_string());
    }
    hex(&hash.finalize()).get(..12).unwrap_or_default().into()
}
