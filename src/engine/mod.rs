//! Runs a plan. The `machine` decides, the scheduler does: one is pure, the other knows tokio.

mod backoff;
mod clock;
mod critical;
mod eval;
mod event;
mod frame;
mod machine;
mod options;
mod params;
mod perform;
mod prepare;
mod result;
mod scheduler;
mod worker;

pub use clock::{RealClock, VirtualClock};
pub(crate) use eval::guarded;
pub use event::{Ended, Event, StepRef, Subscriber, Try, What};
pub use options::{CancelToken, RunOptions};
pub use result::{RunResult, Status, StepReport, Summary};
pub use scheduler::{run, run_each};
