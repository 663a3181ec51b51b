//! The world as methods see it: each port is a trait, so that a run on real data, a test and a replay differ in what
//! stands behind it and in nothing else.

use futures::future::BoxFuture;

use super::Fault;
use crate::{
    market::{Adjust, BarSeries},
    value::{DateRange, Duration, Symbol, Value},
};

/// Time as a run sees it; a virtual one jumps from one sleeper to the next.
pub trait Clock: Send + Sync {
    /// Returns the present instant.
    fn now(&self) -> jiff::Timestamp;
    /// Returns after this time has passed.
    fn sleep(&self, time: std::time::Duration) -> BoxFuture<'static, ()>;
    /// Is told that nothing runs: a virtual clock jumps to its earliest sleeper and says whether there was one.
    fn jump(&self) -> bool {
        false
    }
    /// Says whether its time is not that of the world.
    fn is_virtual(&self) -> bool {
        false
    }
}

/// Where prices come from.
pub trait MarketData: Send + Sync {
    /// Returns the bars of a symbol: checked, adjusted as asked, in order, and at least one.
    fn history(&self, request: &HistoryRequest) -> Result<BarSeries, Fault>;
    /// Returns what the source has, for messages.
    fn symbols(&self) -> Vec<Symbol>;
    /// Returns what people call the source.
    fn describe(&self) -> String;
}

/// Which bars are wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryRequest {
    /// The instrument.
    pub symbol: Symbol,
    /// From the first to the last day; all there is where it is not said.
    pub period: Option<DateRange>,
    /// How long a bar is.
    pub timeframe: Duration,
    /// For what prices are adjusted.
    pub adjust: Adjust,
}

/// Where a method says what people should know of.
pub trait Notifier: Send + Sync {
    /// Publishes a notification under a topic.
    fn notify(&self, topic: &str, message: &str, data: Value);
}

/// A function is one too.
impl<F: Fn(&str, &str, Value) + Send + Sync> Notifier for F {
    fn notify(&self, topic: &str, message: &str, data: Value) {
        self(topic, message, data);
    }
}
