//! Recorded streams in, records out.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use crate::common::{Folder, Told};

const STREAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/ami");

fn stream(name: &str) -> String {
    format!("{STREAMS}/{name}.ami")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dialplane"));
    command.args(["calls", "assemble"]).args(arguments);
    command
}

fn assemble(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// What it says of a stream that comes in through a pipe.
fn piped(text: &[u8], arguments: &[&str]) -> Output {
    let mut command = command(&[&["-"], arguments].concat());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let text = text.to_vec();
    // It answers while it reads.
    let writer = std::thread::spawn(move || input.write_all(&text));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    output
}

fn calls(output: &Output) -> Vec<Value> {
    assert_eq!(output.code(), 0, "{}", output.err());
    serde_json::from_str(output.out()).unwrap()
}

/// `GOLDEN=write` writes them anew.
#[test]
fn records_are_as_they_were() {
    for name in
        ["ast16/answered-after-503", "ast22/attended-transfer", "ast22/core-restart", "ast16/varset-weird"]
    {
        let streams: Vec<_> = match name.strip_suffix("restart") {
            Some(_) => ["before", "after"].map(|part| stream(&format!("{name}-{part}"))).into(),
            None => vec![stream(name)],
        };
        let arguments: Vec<_> = streams.iter().map(String::as_str).collect();
        for (more, kind) in [(&["--json"][..], "json"), (&[], "txt")] {
            let found = assemble(&[&arguments, more].concat());
            assert_eq!((found.code(), found.err()), (0, ""));
            let file =
                format!("{}/tests/golden/{}.{kind}", env!("CARGO_MANIFEST_DIR"), name.replace('/', "-"));
            if std::env::var_os("GOLDEN").is_some_and(|what| what == "write") {
                fs::write(&file, found.out()).unwrap();
            }
            assert_eq!(found.out(), fs::read_to_string(&file).unwrap_or_default(), "{file}");
        }
    }
}

#[test]
fn several_streams_are_connections_with_a_gap_between_them() {
    let part = |number| stream(&format!("ast22/reconnect-mid-call-part{number}"));
    let whole = calls(&assemble(&[&part(1), &part(2), "--json"]));
    assert_eq!(whole.len(), 3);
    assert!(whole.iter().all(|call| call["complete"] == false && call["legs"][0]["end"].is_string()));
    // The first alone: calls that are up at its end are told, too.
    let up = calls(&assemble(&[&part(1), "--json", "--node", "berlin"]));
    assert_eq!(up.len(), 3);
    assert!(up.iter().all(|call| call["complete"] == false && call["legs"][0]["end"].is_null()));
    assert!(up[0]["id"].as_str().unwrap().starts_with("berlin/nodeA-1795"), "{}", up[0]["id"]);
}

#[test]
fn the_name_of_a_file_decides_nothing() {
    let text = fs::read(stream("ast22/twenty-calls")).unwrap();
    let named = assemble(&[&stream("ast22/twenty-calls"), "--json"]);
    assert_eq!(piped(&text, &["--json"]).out(), named.out());
    assert_eq!(calls(&named).len(), 20);
}

fn times(call: &Value) -> Vec<&Value> {
    let of = |list: &str| call[list].as_array().unwrap().iter().collect::<Vec<_>>();
    let keys = ["start", "ring", "answer", "end"];
    let rows = [of("legs"), of("attempts")].concat();
    rows.into_iter().flat_map(|row| keys.iter().filter_map(|key| row.get(key))).collect()
}

#[test]
fn without_timestamps_times_are_unknown_and_it_says_so() {
    let text = fs::read_to_string(stream("ast22/congestion-503-twice")).unwrap();
    let timed = calls(&piped(text.as_bytes(), &["--json"]));
    let without = |lines: &mut dyn Iterator<Item = &str>| -> String {
        lines.filter(|line| !line.starts_with("Timestamp: ")).collect()
    };
    let found = piped(without(&mut text.split_inclusive('\n')).as_bytes(), &["--json"]);
    assert!(found.err().contains("timestampevents"), "{}", found.err());
    let untimed = calls(&found);
    assert!(untimed.iter().flat_map(times).all(Value::is_null) && untimed.len() == timed.len());
    for (untimed, timed) in untimed.iter().zip(&timed) {
        assert_eq!((&untimed["id"], &untimed["complete"]), (&timed["id"], &timed["complete"]));
        assert_eq!(untimed["legs"][1]["cause"], timed["legs"][1]["cause"]);
        assert_eq!(untimed["attempts"][1]["dialstatus"], timed["attempts"][1]["dialstatus"]);
    }
    // From the middle on: what bears a time keeps it, and the rest is unknown.
    let half = text.len() / 2;
    let half = half + text[half..].find("\r\n\r\n").unwrap() + 4;
    let mixed = [without(&mut text[..half].split_inclusive('\n')), text[half..].to_owned()].concat();
    let found = piped(mixed.as_bytes(), &["--json"]);
    assert!(found.err().contains("events bear no time"), "{}", found.err());
    let mixed = calls(&found);
    let (mixed, timed): (Vec<_>, Vec<_>) =
        (mixed.iter().flat_map(times).collect(), timed.iter().flat_map(times).collect());
    assert!(mixed.iter().zip(&timed).all(|(mixed, timed)| mixed.is_null() || mixed == timed));
    assert!(mixed.iter().any(|time| time.is_string()));
    assert!(mixed.iter().zip(&timed).any(|(mixed, timed)| mixed.is_null() && timed.is_string()));
}

#[test]
fn damage_is_counted_and_costs_no_more_than_itself() {
    let mut text = fs::read(stream("ast22/busy-486")).unwrap();
    let long = [b"Event: VarSet\r\nValue: ".to_vec(), vec![b'x'; 1 << 20], b"\r\n\r\n".to_vec()].concat();
    let at = text.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    text.splice(at..at, [long, b"what is this\r\n\r\n".to_vec()].concat());
    text.extend(b"Event: Hangup\r\nUniq");
    let found = piped(&text, &["--json"]);
    assert!(
        found.err().contains("2 damaged blocks") && found.err().contains("a line is too long"),
        "{}",
        found.err()
    );
    assert!(found.err().contains("ends within a block; its last 19 bytes"), "{}", found.err());
    let before = calls(&assemble(&[&stream("ast22/busy-486"), "--json"]));
    assert_eq!(calls(&found), before, "nothing was up then");
}

#[test]
fn what_cannot_be_read_or_is_no_recording_is_named() {
    let folder = Folder::new("assemble");
    folder.write("picture.png", "\u{89}PNG\r\n\u{1a}\n and so on\r\n\r\n");
    folder.write("empty.ami", "");
    // Nothing is printed of the first if the second is not there.
    let missing = folder.run(&["calls", "assemble", &stream("ast22/busy-486"), "missing.ami"]);
    assert_eq!((missing.code(), missing.out()), (3, ""));
    assert!(missing.err().contains("missing.ami"), "{}", missing.err());
    assert_eq!(folder.run(&["calls", "assemble", "."]).code(), 3);
    assert_eq!(folder.run(&["calls", "assemble"]).code(), 2);
    let picture = folder.run(&["calls", "assemble", "picture.png"]);
    assert_eq!(picture.code(), 2);
    assert!(picture.err().contains("picture.png is no recorded AMI stream"), "{}", picture.err());
    let empty = folder.run(&["calls", "assemble", "empty.ami", "--json"]);
    assert_eq!((empty.code(), empty.out()), (0, "[]\n"));
    // No configuration is read, so a wrong one is in nobody's way.
    folder.write("dialplane.toml", "[rooter]\n");
    assert_eq!(folder.run(&["calls", "assemble", "empty.ami"]).code(), 0);
    assert_eq!(folder.run(&["check"]).code(), 2);
}

/// A stream of so many calls, one every thousand seconds.
fn one_after_another(count: usize) -> impl Iterator<Item = String> {
    let once = fs::read_to_string(stream("ast22/plain-user-answered")).unwrap();
    let (banner, events) = once.split_once("\r\n").unwrap();
    let (banner, events) = (format!("{banner}\r\n"), events.to_owned());
    let later = move |steps: usize| events.replace("1795244", &(1_795_244 + steps).to_string());
    [banner].into_iter().chain((0..count).map(later))
}

/// `dialplane … | head`: more than a pipe holds, and a reader who has had enough.
#[test]
fn a_reader_may_leave() {
    let mut command = command(&["-", "--json"]);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut input = child.stdin.take().unwrap();
    // Whoever writes to one that is gone is told so; it may have gone before the last call.
    let writer = std::thread::spawn(move || {
        one_after_another(300).try_for_each(|text| input.write_all(text.as_bytes())).is_ok()
    });
    assert_eq!(lines.next().unwrap().unwrap(), "[");
    drop(lines);
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((said.as_str(), child.wait().unwrap().code()), ("", Some(141)));
    let _ = writer.join().unwrap();
}

/// What it keeps is the calls of some seconds.
#[test]
fn a_long_stream_takes_no_more_memory_than_a_short_one() {
    let mut child = command(&["-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let is_call = |line: Result<String, _>| line.unwrap().starts_with("node/");
    let reader = std::thread::spawn(move || output.lines().map(is_call).filter(|is_call| *is_call).count());
    let mut kilobytes = Vec::new();
    for (index, text) in one_after_another(600).enumerate() {
        input.write_all(text.as_bytes()).unwrap();
        if index % 200 == 199 {
            let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
            kilobytes.push(line.trim().trim_end_matches(" kB").parse::<usize>().unwrap());
        }
    }
    drop(input);
    assert!(child.wait().unwrap().success());
    assert_eq!(reader.join().unwrap(), 600);
    assert!(kilobytes[2] < kilobytes[0] + 4_096, "{kilobytes:?}");
}

#[test]
fn a_terminal_obeys_nobody_who_calls() {
    let channel = "Channel: PJSIP/\x1b[2J-1\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\n";
    let stream = format!("Event: Newchannel\r\n{channel}\r\nEvent: Hangup\r\n{channel}Cause: 16\r\n\r\n");
    let told = piped(stream.as_bytes(), &["-"]);
    assert!(told.out().contains("PJSIP/\\u{1b}[2J-1") && !told.out().contains('\x1b'), "{}", told.out());
}
