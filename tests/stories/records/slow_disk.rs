//! A disk that takes its time for everything delays no reader either.

use std::{fs, io, path::Path, sync::Arc, thread, time::Duration};

use boards::Boards;
use collector::{CollectorContext, Recording};
use domain::Secret;
use journal::{Disk, FileSystem, Journal, Options, SegmentFile};
use laboratory::{Run, fleet::Fleet, sqlite};
use libtest_mimic::Trial;
use live::Bus;
use prometheus::Registry;
use runtime::{CancellationToken, CollectorConfig, Health};
use store::Store;

use super::{NODE, Scene, stalls};

/// What it takes for each write, and for each sync.
const EACH: Duration = Duration::from_millis(300);

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("records::stalls::a_disk_delays_no_reader", || {
        let scene = stalls::noisy(Fleet::on(&sqlite()));
        let stop = CancellationToken::new();
        thread::scope(|scope| {
            scope.spawn(|| collect(&scene, &stop));
            let _ended = stop.clone().drop_guard();
            scene.wait_listeners(1);
            stalls::told_on(&scene, || {});
        });
        Ok(())
    })]
}

/// The file system, slowly.
#[derive(Debug)]
struct SlowDisk;

#[derive(Debug)]
struct SlowFile(Box<dyn SegmentFile>);

impl Disk for SlowDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        Ok(Box::new(SlowFile(FileSystem.create(path)?)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        Ok(Box::new(SlowFile(FileSystem.open(path)?)))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        thread::sleep(EACH);
        FileSystem.sync_folder(folder)
    }
}

impl SegmentFile for SlowFile {
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        thread::sleep(EACH);
        self.0.write_all_at(bytes, offset)
    }

    fn set_len(&mut self, bytes: u64) -> io::Result<()> {
        self.0.set_len(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        thread::sleep(EACH);
        self.0.sync()
    }
}

/// A collector on that disk, until it is told to stop.
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn collect(scene: &Scene, stop: &CancellationToken) {
    let store = Store::connect(&scene.fleet.url, store::Options::default()).await.unwrap();
    let context = CollectorContext {
        config: CollectorConfig::default(),
        boards: Boards::new(Bus::in_process(), store.clone()),
        store,
        health: Health::default(),
        metrics: collector::Metrics::new(&Registry::new()).unwrap(),
        sessions: ami::Metrics::new().unwrap(),
    };
    let recording = Recording::on(&context, NODE.parse().unwrap(), Arc::new(journal()));
    let target = ami::Target::new(
        NODE.parse().unwrap(),
        scene.node.address.to_string().parse().unwrap(),
        "dialplane",
        Secret::new("change-me"),
        context.sessions.clone(),
    );
    let (_manager, requests) = ami::manager();
    tokio::join!(
        ami::run(target, recording.recorder(), requests, stop.clone()),
        recording.write(&context, "slow disk", stop.clone()),
    );
}

fn journal() -> Journal {
    let folder = Run::current().folder.join("slow-disk");
    fs::create_dir_all(&folder).unwrap();
    let mut options = Options::new(folder);
    options.disk = Arc::new(SlowDisk);
    options.consumers = vec![Recording::CONSUMER.into()];
    Journal::open(options).unwrap()
}
