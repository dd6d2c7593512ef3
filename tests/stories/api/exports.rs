//! Exports over HTTP: ordered and fetched, and streamed.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Command, Stdio},
};

use laboratory::{
    fleet::{LIMIT, Member},
    sqlite, wait_until,
};
use libtest_mimic::Trial;
use serde_json::Value;

use super::{CALLED, DAYS, Reply, Scene, records, request, token};
use crate::{
    store::{many_calls, sample_calls::call},
    stories::on_every_database,
};

/// When [`many_calls`] began.
const MANY: &str = "from=2026-10-01&to=2026-10-08";

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = on_every_database("api::exports::one_is_ordered_fetched_and_forgotten", ordered);
    trials.extend(on_every_database("api::exports::streams_are_what_the_command_writes", streams));
    let once: [(&str, fn()); 6] = [
        ("api::exports::a_client_that_goes_ends_its_stream", gone),
        ("api::exports::what_is_cut_does_not_look_whole", cut),
        ("api::exports::there_is_room_for_so_many", quotas),
        ("api::exports::a_folder_is_of_one_process", folders),
        ("api::exports::numbers_go_when_their_time_has_come", retention),
        ("api::exports::bad_orders_are_refused", bad_orders),
    ];
    trials.extend(once.into_iter().map(|(name, story)| {
        Trial::test(name, move || {
            story();
            Ok(())
        })
    }));
    trials
}

/// Orders an export.
pub(super) fn post(scene: &Scene, token: &str, body: &str) -> Reply {
    post_to(&scene.api, token, body)
}

fn post_to(api: &Member, token: &str, body: &str) -> Reply {
    let head = format!(
        "POST /api/v1/exports HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\
         Content-Type: application/json\r\nHost: localhost\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    super::answered(&laboratory::router::say(api.api_port(), &head))
}

fn delete(api: &Member, token: &str, id: &str) -> Reply {
    request(api, &format!("DELETE /api/v1/exports/{id} HTTP/1.1\r\nAuthorization: Bearer {token}\r\n"))
}

/// An export that was ordered, once it is over.
pub(super) fn wait_over(scene: &Scene, ordered: &Value) -> Value {
    wait_over_of(&scene.api, &scene.analyst, ordered)
}

fn wait_over_of(api: &Member, token: &str, ordered: &Value) -> Value {
    let path = format!("/api/v1/exports/{}", ordered["id"].as_str().unwrap());
    wait_until("the export is over", LIMIT, || {
        let job = get(api, token, &path).ok();
        (!["waiting", "running"].contains(&job["state"].as_str().unwrap())).then_some(job)
    })
}

fn get(api: &Member, token: &str, path: &str) -> Reply {
    request(api, &format!("GET {path} HTTP/1.1\r\nAuthorization: Bearer {token}\r\n"))
}

/// The bytes of an answer, and its head.
fn bytes(api: &Member, token: &str, path: &str, more: &str) -> (String, Vec<u8>) {
    let mut connection = TcpStream::connect(("127.0.0.1", api.api_port())).unwrap();
    connection.set_read_timeout(Some(LIMIT)).unwrap();
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n{more}\r\n"
    );
    connection.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_ascii_lowercase();
    let body = answer.split_off(end + 4);
    if head.contains("transfer-encoding: chunked") { (head, unchunked(&body)) } else { (head, body) }
}

/// What is in chunks that end as they should.
fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n").expect("a chunk has a length");
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        let chunk = &rest[end + 2..];
        if length == 0 {
            return body;
        }
        body.extend(&chunk[..length]);
        rest = &chunk[length + 2..];
    }
}

/// By a program that knows nothing of ours.
fn sha256(bytes: &[u8]) -> String {
    let mut command = Command::new("sha256sum");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let said = child.wait_with_output().unwrap();
    String::from_utf8(said.stdout).unwrap().split_whitespace().next().unwrap().to_owned()
}

fn many(scene: &Scene, calls: u64) {
    // Texts are put together as in the standard, which this client has to be told.
    let is_mariadb = scene.fleet.url.starts_with("mysql");
    let standard = if is_mariadb { "SET sql_mode = CONCAT(@@sql_mode, ',PIPES_AS_CONCAT'); " } else { "" };
    for statement in many_calls::statements(calls) {
        scene.fleet.by_hand(&format!("{standard}{statement}"));
    }
}

fn ordered(url: &str) {
    let scene = Scene::with(url, &[]);
    many(&scene, 1_000);
    scene.write(&records(3));
    let body = r#"{"format":"csv","from":"2026-10-01","to":"2026-10-08","disposition":["answered","busy"],"cause":16}"#;
    let reply = post(&scene, &scene.analyst, body);
    assert_eq!(reply.status, 202, "{}", reply.body);
    let id = reply.body["id"].as_str().unwrap().to_owned();
    assert!(reply.head.contains(&format!("location: /api/v1/exports/{id}")), "{}", reply.head);
    let done = wait_over(&scene, &reply.body);
    assert_eq!(
        (&done["state"], &done["rows"], &done["numbers"]),
        (&"done".into(), &666.into(), &"masked".into())
    );

    let content = done["content"].as_str().unwrap();
    let (head, csv) = bytes(&scene.api, &scene.analyst, content, "");
    assert_eq!(done["bytes"], csv.len());
    let sum = sha256(&csv);
    assert_eq!(done["sha256"], sum.as_str());
    for line in
        [&format!("etag: \"{sum}\""), "content-disposition: attachment; filename=\"calls.csv\"", "no-store"]
    {
        assert!(head.contains(line), "no {line} in {head}");
    }
    let text = String::from_utf8(csv.clone()).unwrap();
    assert_eq!(text.lines().count(), 667);
    // What callers write computes nothing, and no number is whole.
    assert!(text.contains(",\"'=cmd()\",") && !text.contains(",\"=cmd()\","));
    assert!(text.contains("1202555****") && !text.contains("12025551001"));
    let (head, part) = bytes(&scene.api, &scene.analyst, content, "Range: bytes=10-99\r\n");
    assert!(
        head.starts_with("http/1.1 206")
            && head.contains(&format!("content-range: bytes 10-99/{}", csv.len()))
    );
    assert_eq!(part, csv[10..100]);
    let (head, _) = bytes(&scene.api, &scene.analyst, content, "Range: bytes=999999999-\r\n");
    assert!(head.starts_with("http/1.1 416"), "{head}");

    others_see_nothing(&scene, &id, content);
    assert_eq!(delete(&scene.api, &scene.analyst, &id).status, 204);
    scene.get(content).problem(404, "no-such-export");
    delete(&scene.api, &scene.analyst, &id).problem(404, "no-such-export");

    let whole =
        r#"{"what":"attempts","format":"ndjson","from":"2026-11-21","to":"2026-11-22","numbers":"whole"}"#;
    let unreasoned = post(&scene, &scene.analyst, whole).problem(400, "bad-parameter");
    assert_eq!(unreasoned["parameter"], "Dialplane-Reason");
    let reasoned = whole.replace('}', ",\"reason\":\"file 7\"}");
    let done = wait_over(&scene, &post(&scene, &scene.analyst, &reasoned).body);
    let (_, lines) = bytes(&scene.api, &scene.analyst, done["content"].as_str().unwrap(), "");
    let lines = String::from_utf8(lines).unwrap();
    assert_eq!((lines.lines().count(), lines.matches(CALLED).count()), (6, 6));
    let audit = scene.audit();
    assert_eq!((&audit[0]["reason"], audit.len()), (&"file 7".into(), 1));
    assert!(audit[0]["subject"].as_str().unwrap().starts_with("POST /api/v1/exports?"), "{audit:?}");
}

/// A token may not read another's export, nor know of it; an admin knows of all.
fn others_see_nothing(scene: &Scene, id: &str, content: &str) {
    let [other, admin, viewer] = ["analyst", "admin", "viewer"].map(|role| token(&scene.fleet, role));
    wait_until("they are known", LIMIT, || {
        (scene.get_as(&viewer, "/api/v1/calls").status == 200).then_some(())
    });
    let path = format!("/api/v1/exports/{id}");
    for path in [path.as_str(), content] {
        scene.get_as(&other, path).problem(404, "no-such-export");
        scene.get_as(&viewer, path).problem(403, "forbidden");
    }
    delete(&scene.api, &other, id).problem(404, "no-such-export");
    let listed =
        |token: &str| scene.get_as(token, "/api/v1/exports").ok()["exports"].as_array().unwrap().len();
    assert_eq!([listed(&other), listed(&scene.analyst), listed(&admin)], [0, 1, 1]);
    assert_eq!(scene.get_as(&admin, &path).ok()["state"], "done");
    scene.get_as(&admin, content).problem(403, "forbidden");
    post(scene, &viewer, r#"{"format":"csv"}"#).problem(403, "forbidden");
    scene.get_as(&viewer, "/api/v1/calls/export?format=csv").problem(403, "forbidden");
}

fn streams(url: &str) {
    let scene = Scene::with(url, &[]);
    many(&scene, 3_000);
    for (format, what) in [("csv", "calls"), ("ndjson", "legs"), ("ndjson", "attempts")] {
        let path = format!("/api/v1/calls/export?format={format}&what={what}&{MANY}");
        let (head, body) = bytes(&scene.api, &scene.analyst, &path, "");
        assert!(head.starts_with("http/1.1 200") && head.contains("transfer-encoding: chunked"), "{head}");
        let command = [
            "calls",
            "export",
            "--format",
            format,
            "--what",
            what,
            "--from",
            "2026-10-01",
            "--to",
            "2026-10-08",
        ];
        assert!(String::from_utf8(body).unwrap() == scene.fleet.must(&command), "{format} {what}");
    }
    let whole = format!("/api/v1/calls/export?format=csv&{MANY}&numbers=whole");
    scene.get(&whole).problem(400, "bad-parameter");
    let (_, body) = bytes(&scene.api, &scene.analyst, &whole, "Dialplane-Reason: file 7\r\n");
    let text = String::from_utf8(body).unwrap();
    assert!(text.contains("\"12025551001\"") && text.contains(",\"'=cmd()\",") && !text.contains("****"));
    assert_eq!(scene.audit()[0]["reason"], "file 7");
    let (_, parquet) =
        bytes(&scene.api, &scene.analyst, &whole.replace("csv", "parquet"), "Dialplane-Reason: file 8\r\n");
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
}

fn gone() {
    let scene = Scene::with(&sqlite(), &[]);
    // More than the buffers of a connection take.
    many(&scene, 20_000);
    let path = format!("/api/v1/calls/export?format=ndjson&what=legs&{MANY}");
    let mut streams = Vec::new();
    for _ in 0..2 {
        let mut connection = TcpStream::connect(("127.0.0.1", scene.api.api_port())).unwrap();
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n", scene.analyst);
        connection.write_all(head.as_bytes()).unwrap();
        connection.read_exact(&mut [0; 64]).unwrap();
        streams.push(connection);
    }
    let refused = scene.get(&path);
    assert!(refused.head.contains("retry-after: "), "{}", refused.head);
    refused.problem(429, "too-many-exports");
    scene.get(&format!("/api/v1/calls?{DAYS}")).ok();
    drop(streams);
    wait_until("both have ended", LIMIT, || {
        let ended = "dialplane_api_exports_total{state=\"cancelled\",way=\"streamed\"} 2";
        scene.api.metrics().contains(ended).then_some(())
    });
    assert_eq!(
        get(&scene.api, &scene.analyst, "/api/v1/calls/export?format=csv&from=2026-11-21&to=2026-11-22")
            .status,
        200
    );
}

/// A table goes while a stream is read: the body ends without its last chunk.
fn cut() {
    let scene = Scene::with(&sqlite(), &[]);
    many(&scene, 20_000);
    let mut connection = TcpStream::connect(("127.0.0.1", scene.api.api_port())).unwrap();
    connection.set_read_timeout(Some(LIMIT)).unwrap();
    let path = format!("/api/v1/calls/export?format=ndjson&what=legs&{MANY}");
    let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n", scene.analyst);
    connection.write_all(head.as_bytes()).unwrap();
    connection.read_exact(&mut [0; 64]).unwrap();
    scene.fleet.by_hand("DROP TABLE call_legs");
    let mut rest = Vec::new();
    // The connection may be closed, or reset.
    let _ = connection.read_to_end(&mut rest);
    assert!(!rest.ends_with(b"\r\n0\r\n\r\n"), "{} bytes look whole", rest.len());
    wait_until("it is counted", LIMIT, || {
        let failed = "dialplane_api_exports_total{state=\"failed\",way=\"streamed\"} 1";
        scene.api.metrics().contains(failed).then_some(())
    });
}

fn quotas() {
    let scene = Scene::with(&sqlite(), &[]);
    many(&scene, 10_000);
    let large = r#"{"format":"ndjson","what":"legs","from":"2026-10-01","to":"2026-10-08"}"#;
    let few =
        scene.fleet.api("few", &[("API__EXPORTS__JOBS_PER_TOKEN", "1"), ("API__EXPORTS__TOTAL_MIB", "1")]);
    let first = post_to(&few, &scene.analyst, large);
    assert_eq!(first.status, 202, "{}", first.body);
    let second = post_to(&few, &scene.analyst, large);
    assert!(second.head.contains("retry-after: "), "{}", second.head);
    second.problem(429, "too-many-exports");
    let failed = wait_over_of(&few, &scene.analyst, &first.body);
    assert_eq!(
        (&failed["state"], &failed["why"], &failed["content"]),
        (&"failed".into(), &"quota".into(), &Value::Null)
    );
    let id = failed["id"].as_str().unwrap();
    get(&few, &scene.analyst, &format!("/api/v1/exports/{id}/content")).problem(409, "no-content");
    assert_eq!(delete(&few, &scene.analyst, id).status, 204);
    // What failed takes no room.
    let small = r#"{"format":"parquet","from":"2026-10-01","to":"2026-10-02"}"#;
    let done = wait_over_of(&few, &scene.analyst, &post_to(&few, &scene.analyst, small).body);
    assert_eq!(done["state"], "done", "{done}");
    assert!(few.metrics().contains(&format!("dialplane_api_export_bytes {}\n", done["bytes"])), "{done}");

    let full = scene.fleet.api("full", &[("API__EXPORTS__FREE_MIB", "1048576")]);
    let failed = wait_over_of(&full, &scene.analyst, &post_to(&full, &scene.analyst, small).body);
    assert_eq!((&failed["state"], &failed["why"]), (&"failed".into(), &"disk_full".into()));
    assert!(full.metrics().contains("dialplane_api_exports_total{state=\"failed\",way=\"ordered\"} 1"));
}

/// A folder for a test, with a name nobody else uses.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("dialplane-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &PathBuf) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn folders() {
    let scene = Scene::with(&sqlite(), &records(1));
    let folder = folder("exports");
    let left = "0123456789abcdef0123456789abcdef";
    for name in [left, &format!("{left}.part"), "somebodys.txt"] {
        fs::write(folder.join(name), "left over").unwrap();
    }
    let place = [("API__EXPORTS__FOLDER", folder.to_str().unwrap())];
    let mut first = scene.fleet.api("first", &place);
    let order = format!("{{\"format\":\"csv\",\"{}\"}}", DAYS.replace('=', "\":\"").replace('&', "\",\""));
    let done = wait_over_of(&first, &scene.analyst, &post_to(&first, &scene.analyst, &order).body);
    let id = done["id"].as_str().unwrap().to_owned();
    assert_eq!(names(&folder), ["lock", "somebodys.txt", &id].map(str::to_owned).into());
    let second = scene.fleet.api("second", &place);
    post_to(&second, &scene.analyst, &order).problem(503, "no-exports");
    get(&second, &scene.analyst, &format!("/api/v1/calls?{DAYS}")).ok();
    drop(second);
    // What a process knew it takes with it, and its files go with the next start.
    first.kill();
    first.start();
    first.wait_ready();
    wait_until("it listens", LIMIT, || {
        (get(&first, &scene.analyst, "/api/v1/exports").status == 200).then_some(())
    });
    get(&first, &scene.analyst, &format!("/api/v1/exports/{id}")).problem(404, "no-such-export");
    assert_eq!(names(&folder), ["lock", "somebodys.txt"].map(str::to_owned).into());
    // One that ends leaves nothing.
    wait_over_of(&first, &scene.analyst, &post_to(&first, &scene.analyst, &order).body);
    assert_eq!(names(&folder).len(), 3);
    first.stop();
    assert_eq!(names(&folder), ["lock", "somebodys.txt"].map(str::to_owned).into());
    fs::remove_dir_all(folder).unwrap();
}

fn retention() {
    // Days ago, and just now as far as rules know.
    let old = call(-400_000);
    let scene = Scene::with(&sqlite(), &[old, call(0)]);
    let order = |from: &str, to: &str, numbers: &str| {
        format!(
            "{{\"format\":\"csv\",\"from\":\"{from}\",\"to\":\"{to}\",\"numbers\":\"{numbers}\",\"reason\":\"file 7\"}}"
        )
    };
    let make = |order: String| wait_over(&scene, &post(&scene, &scene.analyst, &order).body);
    let id = |job: &Value| job["id"].as_str().unwrap().to_owned();
    let whole = make(order("2026-11-01", "2026-11-22", "whole"));
    let masked = make(order("2026-11-01", "2026-11-22", "masked"));
    assert_eq!([&whole["rows"], &masked["rows"]], [2, 2]);
    scene.fleet.must(&["retention", "set", "--mask", "1", "--reason", "the law"]);
    wait_until("what holds an old number is gone", LIMIT, || {
        (scene.get(&format!("/api/v1/exports/{}", id(&whole))).status == 404).then_some(())
    });
    assert_eq!(scene.get(&format!("/api/v1/exports/{}", id(&masked))).ok()["state"], "done");
}

fn bad_orders() {
    let scene = Scene::with(&sqlite(), &records(1));
    for (body, parameter, one) in [
        ("", "body", None),
        ("[]", "body", None),
        ("{\"format\":", "body", None),
        ("{}", "format", Some("csv")),
        ("{\"format\":\"xls\"}", "format", Some("parquet")),
        ("{\"format\":5}", "format", Some("parquet")),
        ("{\"format\":{\"a\":1}}", "format", None),
        ("{\"format\":[[\"csv\"]]}", "format", None),
        ("{\"format\":\"csv\",\"what\":\"calls; DROP TABLE calls\"}", "what", Some("legs")),
        ("{\"format\":\"csv\",\"sort\":\"(SELECT 1)\"}", "sort", Some("disposition")),
        ("{\"format\":\"csv\",\"zone\":\"../../etc/passwd\"}", "zone", Some("UTC")),
        ("{\"format\":\"csv\",\"from\":\"1h\",\"to\":\"2h\"}", "to", None),
        ("{\"format\":\"csv\",\"caller\":\"' OR 1=1 --\"}", "caller", None),
        ("{\"format\":\"csv\",\"provider\":\"nobody\"}", "provider", None),
        ("{\"format\":\"csv\",\"limit\":5}", "limit", Some("cause")),
    ] {
        let problem = post(&scene, &scene.analyst, body).problem(400, "bad-parameter");
        assert_eq!(problem["parameter"], parameter, "{body}");
        let allowed = problem["allowed"].as_array();
        assert!(one.is_none_or(|one| allowed.unwrap().contains(&one.into())), "{problem}");
    }
    post(&scene, &scene.analyst, &format!("{{\"root\":\"{}\"}}", "x".repeat(20_000)))
        .problem(413, "long-body");
    for id in [
        "x",
        "..%2f..%2fetc%2fpasswd",
        "0123456789ABCDEF0123456789abcdef",
        "0123456789abcdef0123456789abcdef",
    ] {
        scene.get(&format!("/api/v1/exports/{id}")).problem(404, "no-such-export");
        scene.get(&format!("/api/v1/exports/{id}/content")).problem(404, "no-such-export");
        delete(&scene.api, &scene.analyst, id).problem(404, "no-such-export");
    }
    for query in ["format=csv&sort=start", "format=xls", "", "format=csv&format=csv", "format=csv&cursor=x"] {
        scene.get(&format!("/api/v1/calls/export?{query}")).problem(400, "bad-parameter");
    }
    let listed = scene.get("/api/v1/exports").ok();
    assert_eq!(listed["exports"].as_array().unwrap().len(), 0, "nothing was made of these");
}
