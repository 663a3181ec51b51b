//! What one call of a method may reach, through its grants.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::ports::{Clock, MarketData, Notifier};
use crate::value::Value;

/// The services of one run: what stands behind the ports.
#[derive(Clone)]
pub struct Services {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Prices.
    pub market: Arc<dyn MarketData>,
    /// Notifications.
    pub notifier: Arc<dyn Notifier>,
    /// The limits of the workflow, evaluated: a record.
    pub limits: Value,
}

/// One call's view of its run.
#[derive(Clone)]
pub struct Ctx {
    /// The services of the run.
    pub services: Arc<Services>,
    /// Says when to stop.
    pub cancel: Cancel,
    /// From what all randomness of this call follows: the run's seed and the step's path.
    pub seed: u64,
}

/// Says to those who hold it that they should stop.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Tells every holder to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Says whether they should.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
