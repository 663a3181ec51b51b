//! Time: the real one, and one that jumps from sleeper to sleeper.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::{FutureExt as _, channel::oneshot, future::BoxFuture};
use jiff::Timestamp;

use crate::slice::ports::Clock;

/// The time of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealClock;

impl Clock for RealClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that all others read")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(time).boxed()
    }
}

/// A time that stands still while something runs and jumps to the earliest sleeper when nothing does.
#[derive(Clone)]
pub struct VirtualClock(Arc<Mutex<Sleepers>>);

struct Sleepers {
    now: Timestamp,
    /// By when they wake, and by their order where several wake at once.
    waiting: BTreeMap<(Timestamp, u64), oneshot::Sender<()>>,
    next: u64,
}

impl VirtualClock {
    /// Returns a clock that starts at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Sleepers { now, waiting: BTreeMap::new(), next: 0 })))
    }

    fn lock(&self) -> MutexGuard<'_, Sleepers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.lock().now
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        let (wake, woken) = oneshot::channel();
        let mut it = self.lock();
        let span = jiff::SignedDuration::try_from(time).unwrap_or(jiff::SignedDuration::MAX);
        let key = (it.now.checked_add(span).unwrap_or(Timestamp::MAX), it.next);
        it.next += 1;
        it.waiting.insert(key, wake);
        woken.map(|_| ()).boxed()
    }

    fn jump(&self) -> bool {
        let mut it = self.lock();
        while let Some(((at, _), wake)) = it.waiting.pop_first() {
            // Who no longer waits does not hold the time up.
            if !wake.is_canceled() {
                it.now = it.now.max(at);
                return wake.send(()).is_ok();
            }
        }
        false
    }

    fn is_virtual(&self) -> bool {
        true
    }
}
