use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use journal::{Class, Disk, FileSystem, Journal, SegmentFile, Why};
use proptest::prelude::*;

use crate::common::*;

const SECTOR: usize = 512;

/// A disk whose cache is lost with the power: sectors that were not synced are there or not, as chance has it.
#[derive(Debug, Default)]
struct Cache {
    unsynced: Vec<(PathBuf, u64, Vec<u8>)>,
    off: bool,
}

#[derive(Clone, Debug, Default)]
struct CachedDisk(Arc<Mutex<Cache>>);

#[derive(Debug)]
struct CachedFile {
    path: PathBuf,
    file: File,
    cache: Arc<Mutex<Cache>>,
}

impl CachedDisk {
    fn file(&self, path: &Path) -> Box<dyn SegmentFile> {
        let file = File::options().write(true).open(path).unwrap();
        Box::new(CachedFile { path: path.to_owned(), file, cache: Arc::clone(&self.0) })
    }

    fn cut_power(&self, mut survives: impl FnMut() -> bool) {
        let mut cache = self.0.lock().unwrap();
        cache.off = true;
        for (path, offset, bytes) in cache.unsynced.drain(..) {
            let file = File::options().write(true).open(path).unwrap();
            for (index, sector) in bytes.chunks(SECTOR).enumerate() {
                if survives() {
                    FileExt::write_all_at(&file, sector, offset + (index * SECTOR) as u64).unwrap();
                }
            }
        }
    }
}

impl Disk for CachedDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        powered(&self.0.lock().unwrap())?;
        FileSystem.create(path)?;
        Ok(self.file(path))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        Ok(self.file(path))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        powered(&self.0.lock().unwrap())?;
        FileSystem.sync_folder(folder)
    }
}

impl SegmentFile for CachedFile {
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut cache = self.cache.lock().unwrap();
        powered(&cache)?;
        cache.unsynced.push((self.path.clone(), offset, bytes.to_vec()));
        Ok(())
    }

    fn set_len(&mut self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut cache = self.cache.lock().unwrap();
        powered(&cache)?;
        let (mine, others) = cache.unsynced.drain(..).partition(|(path, ..)| *path == self.path);
        cache.unsynced = others;
        let mine: Vec<(PathBuf, u64, Vec<u8>)> = mine;
        mine.iter().try_for_each(|(_, offset, bytes)| FileExt::write_all_at(&self.file, bytes, *offset))
    }
}

fn powered(cache: &Cache) -> io::Result<()> {
    if cache.off { Err(io::Error::other("no power")) } else { Ok(()) }
}

proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn what_was_durable_survives_power_loss(
        rounds in proptest::collection::vec((1..120_u64, 0..60_u64, any::<u64>()), 1..5),
    ) {
        let scratch = Scratch::new("power");
        let mut next = 1;
        for (synced, hanging, mut chance) in rounds {
            let disk = CachedDisk::default();
            let mut options = scratch.options();
            options.disk = Arc::new(disk.clone());
            let journal = Journal::open(options).unwrap();
            // What was cut off takes numbers with it: see where this run begins.
            let first = journal.append(Class::Keep, KIND, 0, b"fence").unwrap().0;
            append_durably(&journal, first + 1, synced);
            for number in first + 1 + synced..first + 1 + synced + hanging {
                journal.append(Class::Keep, KIND, time_of(number), &payload_of(number)).unwrap();
            }
            let durable = journal.watch().borrow().0;
            disk.cut_power(|| {
                chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                chance >> 63 == 1
            });
            drop(journal);
            // What was durable is there before anything repairs the folder.
            let entries = read_from(&scratch.0, next);
            for number in first + 1..=durable {
                let expected = journal::Entry::Record(record_of(number));
                prop_assert!(entries.contains(&expected), "{}", number);
            }
            next = first;
        }
        drop(scratch.open());
        let entries = read_all(&scratch.0);
        assert_complete(&entries, 1);
        for record in records(&entries).iter().filter(|record| &*record.payload != b"fence") {
            prop_assert_eq!(record, &record_of(record.position.0));
        }
        // Sectors that came through between ones that did not leave holes: those were never durable.
        prop_assert!(gaps(&entries).iter().all(|gap| matches!(gap.why, Why::TornTail | Why::Damaged)));
    }
}
