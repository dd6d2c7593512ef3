//! Named tasks, one stop signal for all, and a shutdown that ends.

use std::{future::Future, io, thread, time::Duration};

use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

/// How far threads stand back where processors are scarce, in the kernel's steps of 0 to 19.
const NICE: i32 = 10;

/// The tasks of a process. A task that ends before it was asked to, by panic or by return, stops all others: a role
/// that half works is worse than one that is restarted.
#[derive(Debug, Default)]
pub struct Tasks {
    running: JoinSet<&'static str>,
    stop: CancellationToken,
}

impl Tasks {
    /// The token that every task of the process watches.
    pub fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.running.spawn(async move {
            task.await;
            name
        });
    }

    /// Starts a task on a thread and a runtime of its own, which [stand back](stand_back): whatever it does and whatever
    /// it starts takes no turn away from the others. It makes its connections itself, so that they are served there too.
    pub fn spawn_aside<F: Future<Output = ()>>(
        &mut self,
        name: &'static str,
        task: impl FnOnce() -> F + Send + 'static,
    ) -> io::Result<()> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (running, end) = oneshot::channel::<()>();
        let work = move || {
            let _ends_with_the_thread = running;
            stand_back();
            runtime.block_on(task());
            // What still runs beside it, such as a connection that hangs, does not keep the process.
            runtime.shutdown_background();
        };
        thread::Builder::new().name(name.to_owned()).spawn(work)?;
        self.spawn(name, async move {
            let _ = end.await;
        });
        Ok(())
    }
}

/// Lets other threads go first from here on. The kernel keeps that per thread, and threads started from this one inherit
/// it. Where it is forbidden, this one competes as an equal.
pub fn stand_back() {
    let _ = rustix::process::setpriority_process(None, NICE);
}

/// Runs tasks until a signal or a failure, then gives them time to finish.
#[derive(Debug)]
pub struct Lifecycle {
    /// How long tasks may take to end after the stop signal.
    pub grace: Duration,
}

impl Lifecycle {
    /// Waits for SIGTERM, SIGINT or the early end of a task; true if it was a signal and everything ended in time.
    pub async fn run(self, mut tasks: Tasks) -> io::Result<bool> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let asked = tokio::select! {
            _ = terminate.recv() => true,
            _ = interrupt.recv() => true,
            ended = tasks.running.join_next() => { report(ended); false }
        };
        info!("stopping");
        tasks.stop.cancel();
        let finished = tokio::select! {
            () = drain(&mut tasks.running) => true,
            () = tokio::time::sleep(self.grace) => false,
            _ = terminate.recv() => false,
            _ = interrupt.recv() => false,
        };
        if !finished {
            error!("some tasks did not end in time");
        }
        tasks.running.abort_all();
        Ok(asked && finished)
    }
}

fn report(ended: Option<Result<&'static str, tokio::task::JoinError>>) {
    match ended {
        Some(Ok(name)) => error!(task = name, "task ended before it was asked to"),
        Some(Err(panic)) => error!(error = %panic, "task failed"),
        None => error!("nothing to run"),
    }
}

async fn drain(running: &mut JoinSet<&'static str>) {
    while running.join_next().await.is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_ends_early_stops_the_others() {
        let mut tasks = Tasks::default();
        let stop = tasks.stop();
        tasks.spawn("short", async {});
        tasks.spawn("long", async move { stop.cancelled().await });
        assert!(!Lifecycle { grace: Duration::from_mins(1) }.run(tasks).await.unwrap());
    }
    #[tokio::test]
    async fn a_task_aside_is_one_of_them() {
        for panics in [false, true] {
            let mut tasks = Tasks::default();
            let stop = tasks.stop();
            tasks.spawn("long", async move { stop.cancelled().await });
            let (nice, told) = oneshot::channel();
            let task = move || async move {
                nice.send(rustix::process::getpriority_process(None)).unwrap();
                assert!(!panics);
            };
            tasks.spawn_aside("short", task).unwrap();
            assert!(!Lifecycle { grace: Duration::from_mins(1) }.run(tasks).await.unwrap());
            assert!(told.await.unwrap().unwrap() >= NICE);
        }
    }
}
