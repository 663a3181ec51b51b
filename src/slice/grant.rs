//! The doors to the world: a method has those that its first argument names, and no other.

use std::sync::Arc;

use serde::Serialize;

use super::{
    Cancel, Ctx, Fault,
    ports::{Clock, MarketData, Notifier},
};
use crate::{market::Limits, value::Value};

/// What a method may do to the world, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Computes from its inputs alone.
    Pure,
    /// Reads prices, files or the network.
    Reads,
    /// Tells people or other programs.
    Notifies,
    /// Places orders.
    Orders,
}

impl Effect {
    /// Returns its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Reads => "reads",
            Self::Notifies => "notifies",
            Self::Orders => "orders",
        }
    }
}

/// A door to the world.
pub trait Grant: Send + Sized + 'static {
    /// What its holder may do.
    const EFFECT: Effect;
    /// Returns the door as this call has it.
    ///
    /// # Errors
    /// What the run brings for it cannot be read: then nothing is done rather than done without it.
    fn take(ctx: &Ctx) -> Result<Self, Fault>;
}

/// No door at all, but for the sign that says to stop.
pub struct Pure {
    /// Says when to stop a long computation.
    pub cancel: Cancel,
}

/// Prices.
pub struct Market {
    /// Where prices come from.
    pub data: Arc<dyn MarketData>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Says when to stop.
    pub cancel: Cancel,
}

/// Notifications.
pub struct Notify(pub Arc<dyn Notifier>);

/// The limits of the workflow.
pub struct Limited(pub Limits);

/// Orders; what stands behind it comes with paper and live trading.
pub struct Trading {
    /// The limits that every order is held against.
    pub limits: Value,
}

impl Grant for Pure {
    const EFFECT: Effect = Effect::Pure;
    fn take(ctx: &Ctx) -> Result<Self, Fault> {
        Ok(Self { cancel: ctx.cancel.clone() })
    }
}

impl Grant for Market {
    const EFFECT: Effect = Effect::Reads;
    fn take(ctx: &Ctx) -> Result<Self, Fault> {
        Ok(Self { data: ctx.services.market.clone(), clock: ctx.services.clock.clone(), cancel: ctx.cancel.clone() })
    }
}

impl Grant for Notify {
    const EFFECT: Effect = Effect::Notifies;
    fn take(ctx: &Ctx) -> Result<Self, Fault> {
        Ok(Self(ctx.services.notifier.clone()))
    }
}

impl Grant for Limited {
    const EFFECT: Effect = Effect::Pure;
    fn take(ctx: &Ctx) -> Result<Self, Fault> {
        let limits = &ctx.services.limits;
        let read = || limits.to().map_err(|why| Fault::input(format_args!("the limits cannot be held: {why}")));
        Ok(Self(if limits.is_none() { Limits::default() } else { read()? }))
    }
}

impl Grant for Trading {
    const EFFECT: Effect = Effect::Orders;
    fn take(ctx: &Ctx) -> Result<Self, Fault> {
        Ok(Self { limits: ctx.services.limits.clone() })
    }
}

impl<A: Grant, B: Grant> Grant for (A, B) {
    const EFFECT: Effect = if A::EFFECT as u8 > B::EFFECT as u8 { A::EFFECT } else { B::EFFECT };
    fn take(ctx: &Ctx) -> Result<Self, Fault> {
        Ok((A::take(ctx)?, B::take(ctx)?))
    }
}
