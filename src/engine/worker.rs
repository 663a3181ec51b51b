//! One worker: takes jobs in batches, computes them, and keeps those that wait.
//!
//! The size of a batch follows the time that steps take, so that the machine's lock is taken rarely where steps are
//! short, and a long step is never in front of others: who has nothing to do takes half of what another has claimed.

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::Pin,
    sync::{Arc, MutexGuard, PoisonError, atomic::Ordering},
    task::{Context, Poll},
    time::Duration,
};

use futures::{
    FutureExt as _, Stream as _, StreamExt as _,
    future::{BoxFuture, Either, abortable, select},
    stream::FuturesUnordered,
};
use tokio::sync::mpsc;

use super::{
    machine::{Happened, Job, JobId, Outcome, Timer},
    perform::{Performed, perform},
    scheduler::Shared,
};
use crate::slice::{Fault, FaultKind};

/// How long a batch should take (nanoseconds): long beside taking a lock, short beside what a person notices.
const BATCH: u64 = 50_000;
/// The most jobs in a batch.
const MOST: usize = 512;
/// From how much waiting work on it pays to wake another worker (nanoseconds).
const WORTH_WAKING: u64 = 20_000;

/// What comes of the futures that a worker keeps.
enum Came {
    Ended(JobId, Outcome, u64),
    Fired(Timer),
}

pub(crate) struct Worker {
    shared: Arc<Shared>,
    me: usize,
    pending: FuturesUnordered<BoxFuture<'static, Came>>,
    /// What the machine has not heard.
    news: Vec<(u64, Happened)>,
    claimed: VecDeque<Job>,
    /// The job to run next; the others of a batch lie where those who have nothing to do can take them.
    next: Option<Job>,
    /// Whether its queue has been found empty since it last put something there.
    is_drained: bool,
    /// The moving average of what a job takes (nanoseconds).
    average: u64,
    timers: Option<mpsc::UnboundedReceiver<(Timer, Duration)>>,
}

impl Worker {
    pub(crate) fn new(shared: Arc<Shared>, me: usize) -> Self {
        // Nothing is known of the steps yet: a first batch of one.
        let average = BATCH;
        let (pending, news, claimed) = (FuturesUnordered::new(), Vec::new(), VecDeque::new());
        Self { shared, me, pending, news, claimed, next: None, is_drained: true, average, timers: None }
    }

    /// Makes it keep the timers of the run.
    pub(crate) fn keep_timers(&mut self, timers: mpsc::UnboundedReceiver<(Timer, Duration)>) {
        self.timers = Some(timers);
    }

    /// Works until the run is done.
    pub(crate) async fn work(mut self) {
        loop {
            poll_fn(|cx| {
                self.collect(cx);
                Poll::Ready(())
            })
            .await;
            self.exchange();
            if self.shared.is_done() {
                return;
            }
            let ran = poll_fn(|cx| Poll::Ready(self.run_batch(cx))).await;
            if !ran && !self.steal() {
                self.wait().await;
            }
        }
    }

    /// Takes what has come of the futures, without waiting.
    fn collect(&mut self, cx: &mut Context<'_>) {
        while let Some((timer, time)) = self.timers.as_mut().and_then(|it| it.try_recv().ok()) {
            let sleep = self.shared.clock.sleep(time);
            self.pending.push(sleep.map(move |()| Came::Fired(timer)).boxed());
        }
        if self.pending.is_empty() {
            return;
        }
        while let Poll::Ready(Some(came)) = Pin::new(&mut self.pending).poll_next(cx) {
            self.note(came);
        }
    }

    fn note(&mut self, came: Came) {
        let at = self.shared.now();
        let happened = match came {
            Came::Ended(job, outcome, started) => {
                self.release();
                Happened::Ended(job, outcome, started)
            }
            Came::Fired(timer) => Happened::Fired(timer),
        };
        self.news.push((at, happened));
    }

    /// Tells the machine the news and claims jobs, where there is none left.
    fn exchange(&mut self) {
        let empty = self.next.is_none() && (self.is_drained || self.queue(self.me).is_none_or(|it| it.is_empty()));
        let want = usize::try_from(BATCH / self.average.max(1)).unwrap_or(MOST).clamp(1, MOST);
        let shared = self.shared.clone();
        let (news, claimed) = (&mut self.news, &mut self.claimed);
        let more = shared.with_machine(|machine| {
            let mut last = machine.at;
            for (at, happened) in news.drain(..) {
                last = at;
                machine.apply(at, happened);
            }
            if empty {
                machine.claim(want, last, claimed);
            }
            machine.has_work()
        });
        let count = self.claimed.len() as u64;
        if self.next.is_none() {
            self.next = self.claimed.pop_front();
        }
        if !self.claimed.is_empty()
            && let Some(mut queue) =
                self.shared.queues.get(self.me).map(|it| it.lock().unwrap_or_else(PoisonError::into_inner))
        {
            queue.extend(self.claimed.drain(..));
            self.is_drained = false;
        }
        let worth = more || count.saturating_sub(1) * self.average > WORTH_WAKING;
        if worth && self.shared.idle.load(Ordering::Acquire) > 0 {
            self.shared.wake.notify_one();
        }
    }

    fn queue(&self, of: usize) -> Option<MutexGuard<'_, VecDeque<Job>>> {
        self.shared.queues.get(of).map(|it| it.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs what it has claimed, for about the time of a batch. Says whether there was anything to run.
    fn run_batch(&mut self, cx: &mut Context<'_>) -> bool {
        let mut ran = false;
        let begun = self.shared.now();
        let mut now = begun;
        while now - begun <= BATCH {
            if self.shared.permits.as_ref().is_some_and(|it| !it.acquire()) {
                break;
            }
            let Some(job) = self.next.take().or_else(|| self.pop()) else {
                self.release();
                break;
            };
            ran = true;
            let started = now;
            match perform(&job, &self.shared.means) {
                Performed::Now(outcome) => {
                    self.release();
                    now = self.shared.now();
                    self.news.push((now, Happened::Ended(job.id, outcome, started)));
                }
                Performed::Later(future) => {
                    self.keep(job.id, future, started, cx);
                    now = self.shared.now();
                }
            }
            self.average = (self.average * 7 + (now - started)) / 8;
        }
        ran
    }

    fn pop(&mut self) -> Option<Job> {
        if self.is_drained {
            return None;
        }
        let job = self.queue(self.me).and_then(|mut it| it.pop_front());
        self.is_drained = job.is_none();
        job
    }

    /// Polls a future once, and keeps it where it waits.
    fn keep(&mut self, id: JobId, mut future: BoxFuture<'static, Outcome>, started: u64, cx: &mut Context<'_>) {
        if let Poll::Ready(outcome) = future.as_mut().poll(cx) {
            return self.note(Came::Ended(id, outcome, started));
        }
        let (future, handle) = abortable(future);
        let aborted = || Outcome::Failed(Fault::new(FaultKind::Cancelled, "it was stopped"), None);
        let came = future.map(move |it| Came::Ended(id, it.unwrap_or_else(|_| aborted()), started));
        self.pending.push(came.boxed());
        self.news.push((self.shared.now(), Happened::Parked(id, handle)));
    }

    /// Takes half of what another worker has claimed.
    fn steal(&mut self) -> bool {
        if self.shared.permits.as_ref().is_some_and(super::scheduler::Permits::is_exhausted) {
            return false;
        }
        let others = (0..self.shared.queues.len()).filter(|it| *it != self.me);
        for other in others {
            let Some(mut queue) = self.queue(other) else { continue };
            let kept = queue.len() / 2;
            let stolen = queue.split_off(kept);
            drop(queue);
            if !stolen.is_empty() {
                if let Some(mut mine) = self.queue(self.me) {
                    mine.extend(stolen);
                }
                self.is_drained = false;
                return true;
            }
        }
        false
    }

    fn release(&self) {
        if let Some(permits) = &self.shared.permits {
            permits.release();
            if self.shared.idle.load(Ordering::Acquire) > 0 {
                self.shared.wake.notify_one();
            }
        }
    }

    /// Waits for a future of its own, or for work.
    async fn wait(&mut self) {
        if !self.news.is_empty() {
            return;
        }
        let shared = self.shared.clone();
        shared.flush();
        let mut woken = std::pin::pin!(shared.wake.notified());
        // From here on no call is missed, so what is asked below cannot be out of date unnoticed.
        woken.as_mut().enable();
        shared.idle.fetch_add(1, Ordering::AcqRel);
        if !shared.is_done() && !self.could_run() && !self.jump() {
            let came = if self.pending.is_empty() {
                woken.await;
                None
            } else {
                match select(self.pending.next(), woken).await {
                    Either::Left((came, _)) => came,
                    Either::Right(_) => None,
                }
            };
            came.into_iter().for_each(|it| self.note(it));
        }
        shared.idle.fetch_sub(1, Ordering::AcqRel);
    }

    fn could_run(&self) -> bool {
        if self.shared.permits.as_ref().is_some_and(super::scheduler::Permits::is_exhausted) {
            return false;
        }
        self.next.is_some()
            || (0..self.shared.queues.len()).any(|it| self.queue(it).is_some_and(|it| !it.is_empty()))
            || self.shared.lock().has_work()
    }

    /// Lets a virtual time go on, now that all futures wait. Says whether there is something to look at.
    fn jump(&mut self) -> bool {
        let asked = self.timers.as_ref().is_some_and(|it| !it.is_empty());
        asked || self.shared.clock.is_virtual() && self.shared.clock.jump()
    }
}
