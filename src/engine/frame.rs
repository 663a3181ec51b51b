//! The values of one execution of a body, and where it stands in the run.

use std::{
    cell::Cell,
    fmt::Write as _,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    expr::{Context, Env, Slot},
    plan::{BodyId, Plan, Step},
    slice::{Cancel, Services},
    value::Value,
};

/// What all frames of one workflow's run share.
#[derive(Clone)]
pub struct Scope {
    /// The plan.
    pub plan: Arc<Plan>,
    /// What stands behind the ports, with the limits of this workflow.
    pub services: Arc<Services>,
    /// What the run knows by itself, by the order of [`Context::ALL`].
    pub context: Arc<[Value]>,
    /// Whether there is anything degraded in the run: where there is not, nothing has to be looked for.
    pub(crate) degraded: Arc<AtomicBool>,
}

/// What tells one execution of a body from its siblings, as paths show it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Key {
    /// There is one alone.
    #[default]
    Only,
    /// An element by its text: how many equal ones came before it.
    Text(Arc<str>, u32),
    /// An element by its place.
    Index(u32),
}

/// The values of one execution of a body. A slot is written once, by whoever ran its step; the plan sees to it that
/// nobody reads it before.
pub struct Frame {
    /// Which body.
    pub body: BodyId,
    /// The frame around it, and the step there that it belongs to.
    pub parent: Option<(Arc<Frame>, u32)>,
    /// Which of its siblings it is.
    pub key: Key,
    /// From what the randomness of its steps follows: the run's seed and its own path.
    pub seed: u64,
    /// Tells its steps to stop.
    pub cancel: Cancel,
    /// What it shares with the frames of its workflow.
    pub scope: Arc<Scope>,
    slots: Box<[OnceLock<Value>]>,
    /// The slots whose values came of degraded data.
    degraded: Mutex<Vec<u32>>,
}

impl Frame {
    /// Returns a frame whose first slots have these values.
    pub(crate) fn new(
        body: BodyId,
        scope: Arc<Scope>,
        parent: Option<(Arc<Frame>, u32)>,
        key: Key,
        cancel: Cancel,
        values: impl IntoIterator<Item = Value>,
    ) -> Self {
        let salt = match &key {
            Key::Only => 0,
            Key::Text(text, nth) => crate::plan::salt(text).wrapping_add(u64::from(*nth)),
            Key::Index(at) => u64::from(*at) | 1 << 63,
        };
        let around = parent.as_ref().map_or_else(|| scope.run_seed(), |(frame, step)| frame.step_seed(*step));
        let count = scope.plan.body(body).slots as usize;
        let mut slots = Vec::with_capacity(count);
        slots.extend(values.into_iter().take(count).map(OnceLock::from));
        slots.resize_with(count, OnceLock::new);
        let (slots, degraded) = (slots.into_boxed_slice(), Mutex::default());
        Self { body, parent, key, seed: mix(around ^ salt), cancel, scope, slots, degraded }
    }

    /// Returns a step of its body.
    pub fn step(&self, step: u32) -> &Step {
        self.scope.plan.body(self.body).step(step)
    }

    /// Returns from what the randomness of a step follows.
    pub fn step_seed(&self, step: u32) -> u64 {
        mix(self.seed ^ self.step(step).salt)
    }

    /// Fills the slot of a step; the first value stays. It is degraded where it is said to be, and where the step has
    /// read something that is.
    pub(crate) fn set(&self, step: &Step, value: Value, degraded: bool) {
        if degraded || self.any_degraded(&step.reads) {
            self.mark(step.slot);
        }
        if let Some(place) = self.slots.get(step.slot as usize) {
            let _ = place.set(value);
        }
    }

    /// Takes note that the value of a slot is degraded.
    pub(crate) fn mark(&self, slot: u32) {
        self.scope.degraded.store(true, Ordering::Relaxed);
        self.degraded.lock().unwrap_or_else(PoisonError::into_inner).push(slot);
    }

    /// Says whether one of these slots is degraded.
    pub(crate) fn any_degraded(&self, slots: &[Slot]) -> bool {
        // The machine's lock lies between who marks and who reads, so that no mark is missed.
        self.scope.degraded.load(Ordering::Relaxed) && slots.iter().any(|it| self.is_degraded(*it))
    }

    fn is_degraded(&self, slot: Slot) -> bool {
        let mut frame = self;
        for _ in 0..slot.up {
            let Some((parent, _)) = &frame.parent else { return false };
            frame = parent;
        }
        frame.degraded.lock().unwrap_or_else(PoisonError::into_inner).contains(&slot.index)
    }

    /// Returns what is in a slot, once it has been filled.
    pub fn get(&self, slot: Slot) -> Option<&Value> {
        let mut frame = self;
        for _ in 0..slot.up {
            frame = &frame.parent.as_ref()?.0;
        }
        frame.slots.get(slot.index as usize)?.get()
    }

    /// Returns the path of a step of it: `results[AAPL].fetch_data`, `trade/order`.
    pub fn path(&self, step: u32) -> String {
        let mut path = self.prefix();
        path.push_str(&self.step(step).name);
        path
    }

    /// Returns what comes before the name of a step.
    pub fn prefix(&self) -> String {
        let mut path = String::new();
        let mut called = false;
        if let Some((frame, step)) = &self.parent {
            path = frame.path(*step);
            called = !Arc::ptr_eq(&self.scope, &frame.scope);
        }
        self.key.write(&mut path);
        if !path.is_empty() {
            path.push(if called { '/' } else { '.' });
        }
        path
    }
}

impl Key {
    /// Appends it as paths have it.
    pub fn write(&self, path: &mut String) {
        let _ = match self {
            Key::Only => Ok(()),
            Key::Text(text, 0) => write!(path, "[{text}]"),
            Key::Text(text, nth) => write!(path, "[{text}#{}]", nth + 1),
            Key::Index(at) => write!(path, "[{at}]"),
        };
    }
}

impl Scope {
    /// Returns what the run knows by itself.
    pub fn context(&self, name: Context) -> Value {
        self.context.get(name as usize).cloned().unwrap_or_default()
    }

    fn run_seed(&self) -> u64 {
        if let Value::Int(it) = self.context(Context::Seed) { mix(it.cast_unsigned()) } else { 0 }
    }
}

impl Env for Frame {
    fn slot(&self, slot: Slot) -> Value {
        self.get(slot).cloned().unwrap_or_default()
    }
    fn context(&self, name: Context) -> Value {
        self.scope.context(name)
    }
    fn degraded(&self, slot: Slot) -> bool {
        self.any_degraded(&[slot])
    }
}

/// Sees the frame of an element that has not been made yet: its loop variable, and what is around it.
pub(crate) struct ElementEnv<'a> {
    pub around: &'a Frame,
    pub element: &'a Value,
    /// Whether the list is degraded.
    pub degraded: bool,
}

impl Env for ElementEnv<'_> {
    fn slot(&self, slot: Slot) -> Value {
        match slot.up {
            0 => self.element.clone(),
            up => self.around.slot(Slot { up: up - 1, ..slot }),
        }
    }
    fn context(&self, name: Context) -> Value {
        self.around.scope.context(name)
    }
    fn degraded(&self, slot: Slot) -> bool {
        match slot.up {
            0 => self.degraded,
            up => self.around.degraded(Slot { up: up - 1, ..slot }),
        }
    }
}

/// Sees a frame, and takes note of a value that was looked for and is not there.
pub(crate) struct PartialEnv<'a> {
    pub frame: &'a Frame,
    pub missing: Cell<bool>,
}

impl Env for PartialEnv<'_> {
    fn slot(&self, slot: Slot) -> Value {
        let found = self.frame.get(slot).cloned();
        self.missing.set(self.missing.get() || found.is_none());
        found.unwrap_or_default()
    }
    fn context(&self, name: Context) -> Value {
        self.frame.scope.context(name)
    }
    fn degraded(&self, slot: Slot) -> bool {
        self.frame.degraded(slot)
    }
}

/// Sees values before there is a frame: params while they are being filled.
pub(crate) struct ParamEnv<'a> {
    pub slots: &'a [Value],
    pub context: &'a [Value],
}

impl Env for ParamEnv<'_> {
    fn slot(&self, slot: Slot) -> Value {
        self.slots.get(slot.index as usize).cloned().unwrap_or_default()
    }
    fn context(&self, name: Context) -> Value {
        self.context.get(name as usize).cloned().unwrap_or_default()
    }
}

/// Spreads a number over all 64 bits: the last steps of `SplitMix64` (Steele, Lea, Flood 2014).
pub(crate) fn mix(it: u64) -> u64 {
    let it = it.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    it ^ (it >> 31)
}
