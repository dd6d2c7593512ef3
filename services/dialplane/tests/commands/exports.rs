//! Recorded calls into files and pipes.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use parquet::file::reader::{FileReader, SerializedFileReader};
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};

use crate::{
    common::{Folder, Told},
    many_calls,
};

const LIMIT: Duration = Duration::from_mins(1);
/// When every call there is began.
const EVER: [&str; 4] = ["--from", "2000-01-01", "--to", "2200-01-01"];

/// A folder with so many calls in its database.
fn with_calls(test: &str, calls: u64) -> Folder {
    let folder = Folder::new(test);
    assert_eq!(folder.run(&["migrate"]).code(), 0);
    by_hand(&folder, many_calls::statements(calls));
    folder
}

/// What somebody does with the database, and who did it: without anybody nothing is held any more.
fn by_hand(folder: &Folder, statements: impl IntoIterator<Item = impl Into<String>>) -> SqliteConnection {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let file = folder.0.join("var/dialplane.sqlite");
        let mut database = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
        for statement in statements {
            database.execute(sqlx::raw_sql(AssertSqlSafe(statement.into()))).await.unwrap();
        }
        database
    })
}

fn export<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["calls", "export"], &EVER[..], arguments].concat()
}

fn parquet(folder: &Folder, name: &str) -> SerializedFileReader<File> {
    SerializedFileReader::new(File::open(folder.0.join(name)).unwrap()).unwrap()
}

/// What a folder holds, but for the database.
fn files(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap());
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "var");
    names.sort_unstable();
    names
}

#[test]
fn ten_thousand_calls_are_exported_in_every_format() {
    let folder = with_calls("exports", 10_000);
    let csv = folder.run(&export(&["--format", "csv", "--output", "calls.csv"]));
    assert_eq!((csv.code(), csv.out(), csv.err()), (0, "calls.csv: 10000 calls\n", ""));
    let text = fs::read_to_string(folder.0.join("calls.csv")).unwrap();
    assert_eq!(text.lines().count(), 10_001);
    assert!(text.contains(",\"'=cmd()\",") && !text.contains(",\"=cmd()\","));
    let mode = fs::metadata(folder.0.join("calls.csv")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let ndjson = folder.run(&export(&["--format", "ndjson", "--what", "legs"]));
    assert_eq!((ndjson.code(), ndjson.err()), (0, ""));
    assert_eq!(ndjson.out().lines().count() as u64, 10_000 * many_calls::LEGS_PER_CALL);

    let done = folder.run(&export(&["--format", "parquet", "--what", "attempts", "-o", "attempts.parquet"]));
    assert_eq!(done.out(), "attempts.parquet: 20000 attempts\n");
    let reader = parquet(&folder, "attempts.parquet");
    let file = reader.metadata().file_metadata();
    assert_eq!(file.num_rows().unsigned_abs(), 10_000 * many_calls::ATTEMPTS_PER_CALL);
    let told = file.key_value_metadata().unwrap();
    let told = |key: &str| told.iter().find(|pair| pair.key == key).unwrap().value.clone().unwrap();
    assert_eq!((told("dialplane.rows"), told("dialplane.complete")), ("attempts".into(), "true".into()));
    assert!(told("dialplane.filter").contains("\"to_us\":7258118400000000"), "{}", told("dialplane.filter"));
    assert_eq!(files(&folder), ["attempts.parquet", "calls.csv"]);
}

#[test]
fn conditions_decide_and_a_range_without_end_is_capped() {
    let folder = with_calls("exports-range", 100);
    let count = |arguments: &[&str]| {
        let told = folder.run(&[&["calls", "export", "--format", "ndjson"], arguments].concat());
        assert_eq!(told.code(), 0, "{}", told.err());
        (told.out().lines().count(), told.err().to_owned())
    };
    assert_eq!(
        count(&["--from", "2026-10-01T00:01:40Z", "--to", "2026-10-01T00:03:00Z"]),
        (40, String::new())
    );
    let (_, said) = count(&[]);
    assert!(said.contains("the last 24 hours; --from and --to name a time"), "{said}");
    let answered = ["--disposition", "answered", "--from", "2026-10-01", "--to", "2026-10-02"];
    assert_eq!(count(&answered), (66, String::new()));
    let wrong = folder.run(&["calls", "export", "--format", "csv", "--from", "yesterweek"]);
    assert_eq!((wrong.code(), wrong.out()), (2, ""));
    assert_eq!(folder.run(&["calls", "export", "--format", "xls"]).code(), 2);
    assert_eq!(folder.run(&["calls", "export"]).code(), 2);
}

#[test]
fn what_is_there_is_replaced_only_on_request() {
    let folder = with_calls("exports-force", 10);
    folder.write("calls.csv", "precious");
    let to =
        |more: &[&str]| folder.run(&export(&[&["--format", "csv", "--output", "calls.csv"], more].concat()));
    let refused = to(&[]);
    assert_eq!(refused.code(), 4);
    assert!(refused.err().contains("calls.csv exists; --force replaces it"), "{}", refused.err());
    assert_eq!(fs::read_to_string(folder.0.join("calls.csv")).unwrap(), "precious");
    assert_eq!(to(&["--force"]).code(), 0);
    assert_eq!(fs::read_to_string(folder.0.join("calls.csv")).unwrap().lines().count(), 11);
    assert_eq!(files(&folder), ["calls.csv"]);
    for nowhere in ["var", "no/such/folder/calls.csv", "/dev/null", ".."] {
        let told = folder.run(&export(&["--format", "csv", "--force", "--output", nowhere]));
        assert_eq!((told.code(), told.out()), (2, ""), "{nowhere}");
    }
    assert!(fs::symlink_metadata("/dev/null").unwrap().permissions().mode() & 0o20_000 != 0);
}

/// `dialplane … | head`: more than a pipe holds, and a reader who has had enough.
#[test]
fn a_reader_may_leave() {
    let folder = with_calls("exports-head", 5_000);
    for format in ["csv", "ndjson", "parquet"] {
        let mut command = folder.command(&export(&["--format", format]));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = child.stdout.take().unwrap();
        output.read_exact(&mut [0; 4]).unwrap();
        drop(output);
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((said.as_str(), child.wait().unwrap().code()), ("", Some(0)), "{format}");
    }
}

fn signal(child: &Child, signal: &str) {
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// Waits for a file beside the one that is to be: an export has begun.
fn wait_begun(folder: &Folder) -> PathBuf {
    for _ in 0..LIMIT.as_millis() / 5 {
        let begun = files(folder).into_iter().find(|name| name.starts_with(".calls"));
        if let Some(name) = begun {
            return folder.0.join(name);
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("no export has begun");
}

/// A pipe nobody reads from keeps an export from ending for as long as a test likes.
#[test]
fn a_signal_is_heard_while_the_reader_stands_still() {
    let folder = with_calls("exports-signal", 5_000);
    for (kind, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let mut command = folder.command(&export(&["--format", "csv"]));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.next().unwrap().unwrap().starts_with("node,"));
        signal(&child, kind);
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{said}");
        assert!(said.contains("the export ends after about"), "{said}");
    }
}

#[test]
fn a_stopped_export_leaves_no_file() {
    let folder = with_calls("exports-stopped", 10);
    // Nobody else reads then, not even beside a writer.
    let _held = by_hand(
        &folder,
        ["PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE", "UPDATE calls SET sip = 200"],
    );
    let mut command = folder.command(&export(&["--format", "csv", "--output", "calls.csv"]));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = wait_begun(&folder);
    signal(&child, "-INT");
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), files(&folder)), (Some(130), Vec::new()), "{said}");
    assert!(said.contains("calls.csv was not written") && !begun.exists(), "{said}");
}

/// The most memory that was resident at any time, KiB.
fn peak_kib(folder: &Folder, format: &str) -> u64 {
    let mut command = folder.command(&export(&["--format", format]));
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut output = child.stdout.take().unwrap();
    let (mut buffer, mut peak) = (vec![0; 1 << 14], 0);
    while output.read(&mut buffer).unwrap() > 0 {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.map_or(peak, |line| line.trim().trim_end_matches(" kB").parse().unwrap());
    }
    assert!(child.wait().unwrap().success());
    peak
}

/// Parquet keeps a row group besides, which so few calls do not fill.
#[test]
fn a_long_export_takes_no_more_memory_than_a_short_one() {
    let (short, long) = (with_calls("exports-short", 5_000), with_calls("exports-long", 20_000));
    for format in ["csv", "ndjson"] {
        let (short, long) = (peak_kib(&short, format), peak_kib(&long, format));
        assert!(long < short + 8 * 1_024, "{format}: {short} KiB, {long} KiB");
    }
}
