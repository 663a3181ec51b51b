//! What a slice method is: one typed function, from which signature, effect, documentation and call follow.

mod ctx;
mod fault;
mod grant;
mod method;
pub mod ports;
mod registry;
mod role;

pub use ctx::{Cancel, Ctx, Services};
pub use fault::{Fault, FaultKind};
pub use grant::{Effect, Grant, Limited, Market, Notify, Pure, Reading, Trading, Writing};
pub use method::{AsyncCall, Body, ComputeCall, DomainType, Method, Slice, Unfit};
pub use registry::{Problem, Registry};
pub use role::Role;
