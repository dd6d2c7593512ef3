use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context, anyhow};
use calls::CallRecord;

use super::{
    clock::Clock,
    recording::{Recording, Seen},
    timeline,
    view::View,
};
use crate::{
    cli::Assemble,
    failure::{DONE, Failure},
};

/// What is read of a file at once.
const READ_BYTES: usize = 64 * 1_024;

pub(super) fn run(arguments: &Assemble) -> Result<ExitCode, Failure> {
    let streams: Vec<_> =
        arguments.streams.iter().map(|path| Stream::open(path)).collect::<Result<_, _>>()?;
    let mut recording = Recording::new(arguments.node.clone());
    let mut printer = Printer { json: arguments.json, printed: false };
    for mut stream in streams {
        recording.connect();
        stream.each(|bytes| {
            recording.read(bytes);
            printer.print(&recording.finished(), recording.clock())
        })?;
        stream.report(recording.disconnect())?;
    }
    let (records, clock) = recording.finish();
    printer.print(&records, &clock)?;
    printer.end();
    Ok(DONE)
}

struct Stream {
    name: String,
    bytes: Box<dyn Read>,
}

impl Stream {
    /// Before anything is printed: a file that is not there makes half an answer of the others.
    fn open(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Self { name: "standard input".to_owned(), bytes: Box::new(io::stdin()) });
        }
        let name = path.display().to_string();
        let file = File::open(path).and_then(|file| {
            if file.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(file) }
        });
        let file = file.with_context(|| format!("{name} cannot be read")).map_err(Failure::unavailable)?;
        Ok(Self { name, bytes: Box::new(file) })
    }

    fn each(&mut self, mut take: impl FnMut(&[u8]) -> Result<(), Failure>) -> Result<(), Failure> {
        let mut buffer = vec![0; READ_BYTES];
        loop {
            match self.bytes.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(length) => take(&buffer[..length])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let error = anyhow!(error).context(format!("{} cannot be read", self.name));
                    return Err(Failure::unavailable(error));
                }
            }
        }
    }

    /// Says what its records may lack.
    fn report(&self, seen: Seen) -> Result<(), Failure> {
        let Self { name, .. } = self;
        if seen.events + seen.others == 0 && (seen.damaged > 0 || seen.torn > 0) {
            return Err(Failure::usage(anyhow!("{name} is no recorded AMI stream")));
        }
        if let Some(fault) = seen.fault {
            eprintln!(
                "dialplane: {name}: {} damaged blocks were left out, the first because {fault}; calls that were up \
                 then are not complete",
                seen.damaged
            );
        }
        if seen.torn > 0 {
            eprintln!("dialplane: {name} ends within a block; its last {} bytes were left out", seen.torn);
        }
        if seen.untimed > 0 {
            eprintln!(
                "dialplane: {name}: {} of {} events bear no time, so the times they would give are unknown; \
                 `timestampevents = yes` in manager.conf brings them",
                seen.untimed, seen.events
            );
        }
        Ok(())
    }
}

/// One call at a time: a list that would not fit into memory is printed too.
struct Printer {
    json: bool,
    printed: bool,
}

impl Printer {
    fn print(&mut self, records: &[CallRecord], clock: &Clock) -> Result<(), Failure> {
        for record in records {
            if self.json {
                let call = serde_json::to_string(&View::of(record, clock)).map_err(Failure::usage)?;
                print!("{}{call}", if self.printed { ",\n" } else { "[\n" });
            } else {
                print!("{}{}\n", if self.printed { "\n" } else { "" }, timeline::of(record, clock));
            }
            self.printed = true;
        }
        Ok(())
    }

    fn end(&self) {
        match (self.json, self.printed) {
            (true, true) => println!("\n]"),
            (true, false) => println!("[]"),
            (false, true) => {}
            (false, false) => println!("no calls"),
        }
    }
}
