//! The doors to the world: a method has those that its first argument names, and no other.

use std::{
    path::{Component, Path},
    sync::Arc,
};

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
    /// Writes files.
    Writes,
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
            Self::Writes => "writes",
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

/// Files that may be read.
pub struct Reading {
    /// Says when to stop.
    pub cancel: Cancel,
}

/// Files that may be written.
pub struct Writing;

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

impl Reading {
    /// Returns what is in a file; a path counts from the folder in which the program runs.
    pub fn file(&self, path: &str) -> Result<Vec<u8>, Fault> {
        std::fs::read(path).map_err(|error| Fault::input(format_args!("`{path}` cannot be read")).because(&error))
    }
}

impl Writing {
    /// Writes a file, whole or not at all; the path stays within the folder in which the program runs.
    pub fn file(&self, path: &str, bytes: &[u8]) -> Result<(), Fault> {
        let within = Path::new(path).components().all(|it| matches!(it, Component::Normal(_) | Component::CurDir));
        if path.is_empty() || !within {
            return Err(Fault::input(format_args!(
                "`{path}` lies outside the folder in which wf runs: files are written inside of it, as in                  \"models/choice.json\""
            )));
        }
        let failed =
            |error: std::io::Error| Fault::permanent(format_args!("`{path}` cannot be written")).because(&error);
        let folder = Path::new(path).parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        std::io::Write::write_all(&mut file, bytes).map_err(failed)?;
        file.persist(path).map(drop).map_err(|it| failed(it.error))
    }
}

impl Grant for Reading {
    const EFFECT: Effect = Effect::Reads;
    fn take(ctx: &Ctx) -> Result<Self, Fault> {
        Ok(Self { cancel: ctx.cancel.clone() })
    }
}

impl Grant for Writing {
    const EFFECT: Effect = Effect::Writes;
    fn take(_: &Ctx) -> Result<Self, Fault> {
        Ok(Self)
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
