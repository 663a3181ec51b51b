//! What a run is started with.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::sync::watch;

use super::event::Subscriber;
use crate::{
    expr::Context,
    slice::Services,
    value::{Name, Value},
};

/// What a run is started with.
pub struct RunOptions {
    /// The params that a person set.
    pub inputs: BTreeMap<Name, Value>,
    /// What the run knows by itself; what is not here is the built-in default.
    pub context: BTreeMap<Context, Value>,
    /// Which of that a person gave: it comes before the defaults of params, and a seed among it makes the run's id
    /// follow from what is run alone.
    pub given: BTreeSet<Context>,
    /// What stands behind the ports; the limits are the engine's to fill in.
    pub services: Arc<Services>,
    /// How many steps run at once; where it is not said, as many compute as there are cores and any number waits.
    pub parallel: Option<usize>,
    /// Stops the run.
    pub cancel: CancelToken,
    /// How long the run may take; the workflow's own deadline counts too.
    pub deadline: Option<Duration>,
    /// How long running steps may take to end after a stop, before they are abandoned.
    pub grace: Duration,
    /// Who reads the events.
    pub subscribers: Vec<Box<dyn Subscriber>>,
    /// The id of the run, where it is chosen.
    pub run: Option<Arc<str>>,
    /// Returns what is to stand in the summary beside the counts of steps, from the outputs.
    pub summarise: Summarise,
}

/// Returns what is to stand in a summary, from the outputs.
pub type Summarise = fn(&[(Name, Value)]) -> Vec<(&'static str, serde_json::Value)>;

impl RunOptions {
    /// Returns options under which nothing is set by anybody.
    pub fn new(services: Arc<Services>) -> Self {
        Self {
            inputs: BTreeMap::new(),
            context: BTreeMap::new(),
            given: BTreeSet::new(),
            services,
            parallel: None,
            cancel: CancelToken::new(),
            deadline: None,
            grace: Duration::from_secs(5),
            subscribers: Vec::new(),
            run: None,
            summarise: |_| Vec::new(),
        }
    }

    /// Gives a context value, as a person does on the command line.
    pub fn give(&mut self, name: Context, value: Value) {
        self.context.insert(name, value);
        self.given.insert(name);
    }

    /// Returns every context value, in the order of [`Context::ALL`].
    pub(crate) fn context_values(&self) -> Vec<Value> {
        let value = |it: &Context| self.context.get(it).cloned().unwrap_or_else(|| it.default_value());
        Context::ALL.iter().map(value).collect()
    }
}

/// Stops a run from outside: from a signal, a page or another thread.
#[derive(Clone, Debug)]
pub struct CancelToken(Arc<watch::Sender<bool>>);

impl CancelToken {
    /// Returns a token that nobody has used.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Asks everybody who holds the token to stop.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }

    /// Says whether they should.
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once somebody has asked to stop.
    pub async fn cancelled(&self) {
        // An error would mean that the sender is gone, and this token holds it.
        let _ = self.0.subscribe().wait_for(|it| *it).await;
    }
}

impl Default for CancelToken {
    fn default() -> Self {
        Self::new()
    }
}
