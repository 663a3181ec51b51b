//! Runs a machine: workers on threads of their own, timers on the caller's runtime.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures::{
    StreamExt as _,
    future::{Either, select},
    stream::FuturesUnordered,
};
use jiff::Timestamp;
use tokio::sync::{Notify, Semaphore, mpsc};

use super::{
    event::{Event, Subscriber, What},
    machine::{Action, Happened, Job, Machine, Stop, Timer},
    options::RunOptions,
    perform::Means,
    prepare,
    result::{self, RunResult},
    worker::Worker,
};
use crate::{
    plan::Plan,
    slice::{
        Fault, Services,
        ports::{Clock, Notifier},
    },
    value::{Symbol, Value},
};

/// Runs a plan once.
///
/// # Errors
/// What is wrong with the params and limits, before anything has run. Whatever fails later is in the result.
pub async fn run(plan: Arc<Plan>, options: RunOptions) -> Result<RunResult, Vec<Fault>> {
    go(plan, options, None).await
}

/// Runs a plan once for each symbol, all on the same workers; one that fails does not stop the others. Paths begin with
/// the symbol, and the outputs are those of each under its name.
///
/// # Errors
/// As of [`run`].
pub async fn run_each(plan: Arc<Plan>, symbols: &[Symbol], options: RunOptions) -> Result<RunResult, Vec<Fault>> {
    go(plan, options, Some(symbols)).await
}

/// What workers share.
pub(crate) struct Shared {
    pub machine: Mutex<Machine>,
    /// The jobs that each worker has claimed and not begun; who has nothing to do takes from them.
    pub queues: Vec<Mutex<VecDeque<Job>>>,
    /// Wakes workers.
    pub wake: Notify,
    /// How many workers wait to be woken.
    pub idle: AtomicUsize,
    pub done: AtomicBool,
    finished: Notify,
    bus: Mutex<Bus>,
    has_subscribers: bool,
    /// Whether there are events that somebody left to whoever had the bus.
    left_over: AtomicBool,
    timers: mpsc::UnboundedSender<(Timer, Duration)>,
    pub permits: Option<Permits>,
    pub means: Means,
    pub clock: Arc<dyn Clock>,
    time: Time,
}

/// Who reads the events, and the events that they are being shown.
#[derive(Default)]
struct Bus {
    subscribers: Vec<Box<dyn Subscriber>>,
    /// Changes places with the events of the machine, so that neither list is made anew.
    events: Vec<Event>,
}

impl Bus {
    fn show(&mut self) {
        if self.events.is_empty() {
            return;
        }
        for subscriber in &mut self.subscribers {
            self.events.iter().for_each(|it| subscriber.on(it));
            subscriber.flush();
        }
        self.events.clear();
    }
}

/// Bounds how many steps run at once.
pub(crate) struct Permits {
    limit: usize,
    running: AtomicUsize,
}

enum Time {
    Real(Instant),
    Virtual(Arc<dyn Clock>, Timestamp),
}

async fn go(plan: Arc<Plan>, mut options: RunOptions, symbols: Option<&[Symbol]>) -> Result<RunResult, Vec<Fault>> {
    let clock = options.services.clock.clone();
    let notices = Arc::new(Notices { to: options.services.notifier.clone(), run: OnceLock::new() });
    options.services = Arc::new(Services { notifier: notices.clone(), ..Services::clone(&options.services) });
    let id = prepare::run_id(&plan, &options, symbols.unwrap_or_default());
    let roots = match symbols {
        None => vec![prepare::root(&plan, &options, None)?],
        Some(symbols) => {
            let roots = symbols.iter().map(|it| prepare::root(&plan, &options, Some(it)));
            roots.collect::<Result<_, _>>()?
        }
    };
    let deadline = roots.first().map_or(Ok(options.deadline), |it| prepare::deadline(&options, it))?;
    let subscribers = std::mem::take(&mut options.subscribers);
    let has_subscribers = !subscribers.is_empty();
    let started = clock.now();
    let is_virtual = clock.is_virtual();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let parallel = options.parallel.map(|it| it.max(1));
    let workers = if is_virtual { 1 } else { cores.min(parallel.unwrap_or(cores)) };
    let mut machine = Machine::new(plan, roots, options.grace, has_subscribers);
    if let Some(time) = deadline {
        machine.actions.push(Action::Wait(Timer::Deadline, time));
    }
    let (timers, asked) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared {
        machine: Mutex::new(machine),
        queues: (0..workers).map(|_| Mutex::default()).collect(),
        wake: Notify::new(),
        idle: AtomicUsize::new(0),
        done: AtomicBool::new(false),
        finished: Notify::new(),
        bus: Mutex::new(Bus { subscribers, events: Vec::new() }),
        has_subscribers,
        left_over: AtomicBool::new(false),
        timers,
        permits: parallel.map(|limit| Permits { limit, running: AtomicUsize::new(0) }),
        means: Means { computing: Arc::new(Semaphore::new(parallel.unwrap_or(cores))), is_virtual },
        #[expect(clippy::disallowed_methods, reason = "how long a step took is told, and nothing follows from it")]
        time: if is_virtual { Time::Virtual(clock.clone(), started) } else { Time::Real(Instant::now()) },
        clock,
    });
    let _ = notices.run.set(Arc::downgrade(&shared));
    shared.tell(Event { at: Duration::ZERO, what: What::RunStarted { run: id.clone() } });
    let abandon = Abandon(shared.clone());
    if is_virtual {
        follow_virtual(&shared, &options, asked).await;
    } else {
        for worker in 0..workers {
            let (shared, handle) = (shared.clone(), tokio::runtime::Handle::current());
            let work = move || handle.block_on(Worker::new(shared, worker).work());
            let name = format!("wf-worker-{worker}");
            std::thread::Builder::new()
                .name(name)
                .spawn(work)
                .map_err(|it| vec![Fault::permanent("no thread could be started").because(&it)])?;
        }
        follow(&shared, &options, asked).await;
    }
    let ended = shared.now();
    let result = result::finish(&mut shared.lock(), &options, id, started, ended, symbols);
    shared.deliver(shared.bus.lock().unwrap_or_else(PoisonError::into_inner));
    shared.tell(Event { at: Duration::from_nanos(ended), what: What::RunEnded { status: result.status } });
    drop(abandon);
    Ok(result)
}

/// Keeps the timers of a run, and passes on that it is to stop, until it is done.
async fn follow(shared: &Shared, options: &RunOptions, mut asked: mpsc::UnboundedReceiver<(Timer, Duration)>) {
    let mut waiting = FuturesUnordered::new();
    let mut cancelled = std::pin::pin!(options.cancel.cancelled());
    let mut stopped = false;
    while !shared.is_done() {
        tokio::select! {
            biased;
            () = shared.finished.notified() => {}
            Some((timer, time)) = asked.recv() => {
                let sleep = shared.clock.sleep(time);
                waiting.push(async move {
                    sleep.await;
                    timer
                });
            }
            Some(timer) = waiting.next(), if !waiting.is_empty() => shared.happen(Happened::Fired(timer)),
            () = &mut cancelled, if !stopped => {
                stopped = true;
                shared.happen(Happened::Stopped(Stop::Cancelled));
            }
        }
    }
}

/// Runs the one worker of a virtual time in place; it keeps the timers itself, so that nothing depends on threads.
async fn follow_virtual(shared: &Arc<Shared>, options: &RunOptions, asked: mpsc::UnboundedReceiver<(Timer, Duration)>) {
    let mut worker = Worker::new(shared.clone(), 0);
    worker.keep_timers(asked);
    let work = std::pin::pin!(worker.work());
    let cancelled = std::pin::pin!(options.cancel.cancelled());
    if let Either::Right(((), work)) = select(work, cancelled).await {
        shared.happen(Happened::Stopped(Stop::Cancelled));
        work.await;
    }
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns nanoseconds after the start of the run.
    pub(crate) fn now(&self) -> u64 {
        match &self.time {
            Time::Real(start) => u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX),
            Time::Virtual(clock, start) => u64::try_from(clock.now().duration_since(*start).as_nanos()).unwrap_or(0),
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.done.load(Ordering::Acquire)
    }

    /// Tells the machine of something that did not come from a worker.
    fn happen(&self, it: Happened) {
        let at = self.now();
        self.with_machine(|machine| machine.apply(at, it));
        for _ in 0..self.idle.load(Ordering::Acquire) {
            self.wake.notify_one();
        }
    }

    /// Does something with the machine, and then what follows for the rest.
    pub(crate) fn with_machine<T>(&self, change: impl FnOnce(&mut Machine) -> T) -> T {
        // The bus is taken before the machine, so that whoever takes events out delivers them before the next does.
        let bus = self.has_subscribers.then(|| self.bus.try_lock());
        let mut bus = bus.and_then(|it| match it {
            Ok(bus) => Some(bus),
            Err(TryLockError::Poisoned(it)) => Some(it.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        let mut machine = self.lock();
        let result = change(&mut machine);
        match (&mut bus, &mut machine.events) {
            (Some(bus), Some(events)) => std::mem::swap(&mut bus.events, events),
            (None, Some(events)) if !events.is_empty() => self.left_over.store(true, Ordering::Release),
            _ => {}
        }
        let actions = std::mem::take(&mut machine.actions);
        let done = machine.is_done();
        drop(machine);
        for action in actions {
            match action {
                // Whoever follows the run holds the other end until the run is done.
                Action::Wait(timer, time) => drop(self.timers.send((timer, time))),
                Action::Abort(handle) => handle.abort(),
            }
        }
        if done && !self.done.swap(true, Ordering::AcqRel) {
            self.finished.notify_one();
            self.wake.notify_waiters();
        }
        if let Some(mut bus) = bus {
            bus.show();
            if self.left_over.load(Ordering::Acquire) {
                self.deliver(bus);
            }
        }
        result
    }

    /// Hands subscribers all events that the machine has for them.
    fn deliver(&self, mut bus: MutexGuard<'_, Bus>) {
        loop {
            self.left_over.store(false, Ordering::Release);
            if let Some(events) = &mut self.lock().events {
                std::mem::swap(&mut bus.events, events);
            }
            if bus.events.is_empty() {
                return;
            }
            bus.show();
        }
    }

    /// Waits for whoever delivers events, and delivers what is left; for those who have nothing better to do.
    pub(crate) fn flush(&self) {
        if self.has_subscribers {
            self.deliver(self.bus.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn tell(&self, event: Event) {
        let mut bus = self.bus.lock().unwrap_or_else(PoisonError::into_inner);
        bus.events.push(event);
        bus.show();
    }
}

/// Passes on what methods say, and makes events of it.
struct Notices {
    to: Arc<dyn Notifier>,
    /// The run, once there is one; it holds this in turn.
    run: OnceLock<Weak<Shared>>,
}

impl Notifier for Notices {
    fn notify(&self, topic: &str, message: &str, data: Value) {
        self.to.notify(topic, message, data);
        let Some(shared) = self.run.get().and_then(Weak::upgrade) else { return };
        if shared.has_subscribers && !shared.is_done() {
            let at = shared.now();
            shared.with_machine(|machine| machine.notify(at, topic, message));
        }
    }
}

impl Permits {
    pub(crate) fn acquire(&self) -> bool {
        let more = |it| (it < self.limit).then_some(it + 1);
        self.running.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).is_ok()
    }

    pub(crate) fn release(&self) {
        self.running.fetch_sub(1, Ordering::AcqRel);
    }

    pub(crate) fn is_exhausted(&self) -> bool {
        self.running.load(Ordering::Acquire) >= self.limit
    }
}

/// Ends a run that nobody waits for any more.
struct Abandon(Arc<Shared>);

impl Drop for Abandon {
    fn drop(&mut self) {
        if !self.0.is_done() {
            self.0.with_machine(Machine::abandon);
        }
        self.0.wake.notify_waiters();
    }
}
