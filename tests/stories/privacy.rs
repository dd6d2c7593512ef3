//! A number whose time has come is nowhere any more: no row, no spool, no export, no log, on every kind of database.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
};

use laboratory::{
    asterisk::PLANS,
    fleet::{Fleet, LIMIT, Member, question},
    node,
    phones::Call,
    router::say,
    stack,
    tables::{self, DECIDED},
    wait_until,
};
use libtest_mimic::Trial;
use runtime::now_us;
use store::{Options, Store};

use super::{on_every_database, records::LOOK};

const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;
const CALLER: &str = "1031";
/// Shown by the caller of the question that nobody of ours is asked for, and in no table.
const SHOWN: &str = "12025550188";
/// In questions that make no sense.
const WRONG: &str = "442079460177";
/// The place of a number that may be known.
const OTHER: usize = 9;

pub(crate) fn trials() -> Vec<Trial> {
    on_every_database("privacy::a_masked_number_is_nowhere", nowhere)
}

/// An installation that watches a real node and answers questions itself.
struct Scene {
    fleet: Fleet,
    router: Member,
    collector: Member,
    api: Member,
    token: String,
    /// A number that somebody called over the node, and asked the router for.
    called: String,
}

fn nowhere(url: &str) {
    let mut scene = Scene::on(url);
    call(&scene.called);
    scene.ask(&scene.called, &format!("&cli=%2B{SHOWN}"));
    let told = "SELECT (SELECT count(*) FROM calls WHERE called_raw = 'N') * (SELECT count(*) FROM decisions WHERE called_e164 = 'N')";
    scene.wait_by_hand(&told.replace('N', &scene.called), "1");
    let before = scene.found();
    for place in
        ["calls.called_raw", "decisions.request", "journal", "decisions/", "csv", "ndjson", "list", "api"]
    {
        assert!(before.iter().any(|found| found.contains(place)), "{place} of {before:?}");
    }

    scene.fleet.must(&["retention", "set", "--mask", "1", "--reason", "a number is known for a day"]);
    let done = scene.round_in_two_days();
    assert!(done.masked.calls > 0 && done.masked.decisions > 0, "{done:?}");
    // Who starts again reads its journal again.
    for member in [&mut scene.router, &mut scene.collector] {
        member.stop();
        member.start();
    }
    scene.router.wait_ready();
    scene.collector.wait_content();
    // Journals move on with what comes next.
    wait_until("the number is nowhere", LIMIT * 2, || {
        scene.ask(&DECIDED.number_of_twin(PLANS[0].name, OTHER), "");
        thread::sleep(LOOK);
        scene.files().is_empty().then_some(())
    });
    assert_eq!(scene.found(), [""; 0]);
    assert_eq!(scene.round_in_two_days().masked.calls, 0, "nothing came back");
    if let Some(file) = url.strip_prefix("sqlite://") {
        let file = file.strip_suffix("?mode=rwc").unwrap_or(file);
        scene.fleet.by_hand("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
        let holds = |file: &str| fs::read(file).is_ok_and(|bytes| scene.is_told(&bytes));
        assert!(!holds(file) && !holds(&format!("{file}-wal")), "pages that are free hold it");
    }
    scene.refuse();
}

impl Scene {
    fn on(url: &str) -> Self {
        let place = ["sqlite", "postgres", "mysql"].iter().position(|kind| url.starts_with(kind)).unwrap();
        let plan = &PLANS[0];
        stack();
        let fleet = Fleet::on(url).with("LOG__FORMAT", "json").with("LOG__FILTER", "debug");
        let imported = fleet.import(&tables::common());
        assert_eq!(imported.code, 0, "{imported:?}");
        let router = fleet.router_with("router", &[("DECISIONS__JOURNAL_KEEP_S", "1")]);
        let keep = [("COLLECTOR__JOURNAL_KEEP_S", "1")];
        let mut collector = fleet.collector("observer", plan.name, &format!("{}:5038", plan.address), &keep);
        collector.start();
        collector.wait_content();
        let token = fleet.must(&["token", "create", "--role", "analyst"]).trim().to_owned();
        let api = fleet.api("asked", &[]);
        let called = DECIDED.number_of_twin(plan.name, place);
        Self { fleet, router, collector, api, token, called }
    }

    /// The router of this installation.
    fn ask(&self, number: &str, more: &str) {
        let answer = self.router.ask(&(question(PLANS[0].name, CALLER, number) + more));
        assert_eq!(answer.get("status"), "ok");
    }

    fn wait_by_hand(&self, sql: &str, wanted: &str) {
        wait_until(&format!("{wanted} by {sql}"), LIMIT, || {
            thread::sleep(LOOK);
            (self.fleet.by_hand(sql) == wanted).then_some(())
        });
    }

    /// What a collector does every hour, the day after tomorrow.
    fn round_in_two_days(&self) -> retention::Done {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = Store::connect(&self.fleet.url, Options::default()).await.unwrap();
            retention::round(&store, now_us() + 2 * DAY_US).await.unwrap()
        })
    }

    fn is_told(&self, bytes: &[u8]) -> bool {
        [self.called.as_bytes(), SHOWN.as_bytes()]
            .iter()
            .any(|number| bytes.windows(number.len()).any(|part| part == *number))
    }

    /// Wherever one of the numbers is.
    fn found(&self) -> Vec<String> {
        let mut found = self.columns();
        found.extend(self.files());
        let told = self.told().into_iter().filter(|(_, text)| self.is_told(text.as_bytes()));
        found.extend(told.map(|(name, text)| format!("{name}: {text}")));
        found
    }

    /// Every column that holds texts or bytes, of every table there is.
    fn columns(&self) -> Vec<String> {
        let said = self.fleet.by_hand(match self.fleet.url.split(':').next() {
            Some("postgres") => {
                "SELECT table_name || '.' || column_name || CASE data_type WHEN 'bytea' THEN ' bytes' ELSE '' END \
                 FROM information_schema.columns \
                 WHERE table_schema = 'public' AND data_type IN ('text', 'character varying', 'character', 'bytea')"
            }
            Some("mysql") => {
                "SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns \
                 WHERE table_schema = DATABASE() AND character_maximum_length > 0"
            }
            _ => {
                "SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
                 WHERE m.type = 'table' AND c.type NOT LIKE '%INT%'"
            }
        });
        let questions: Vec<_> = said.lines().map(|column| self.rows_with(column)).collect();
        assert!(questions.len() > 100, "{said}");
        self.fleet.by_hand(&questions.join(" UNION ALL ")).lines().map(str::to_owned).collect()
    }

    /// A query for the name of a column if a row of it has one of the numbers.
    fn rows_with(&self, column: &str) -> String {
        let (table, name) = column.split_once('.').unwrap();
        let text = match self.fleet.url.split(':').next() {
            Some("postgres") => match name.strip_suffix(" bytes") {
                Some(name) => format!("ENCODE({name}, 'escape')"),
                None => format!("CAST({name} AS TEXT)"),
            },
            Some("mysql") => format!("CONVERT(`{name}` USING latin1)"),
            _ => format!("CAST({name} AS TEXT)"),
        };
        let like = [&self.called, SHOWN].map(|number| format!("{text} LIKE '%{number}%'")).join(" OR ");
        let exists = format!("EXISTS (SELECT 1 FROM {table} WHERE {like})");
        format!("SELECT '{column}' AS found FROM (SELECT 1 AS one) AS it WHERE {exists}")
    }

    /// Files of the programs: journals, generations, logs.
    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        below(&self.fleet.folder(), &mut files);
        assert!(files.len() > 8, "{files:?}");
        let told = files.into_iter().filter(|file| fs::read(file).is_ok_and(|bytes| self.is_told(&bytes)));
        told.map(|file| file.display().to_string()).collect()
    }

    /// What programs say when they are asked.
    fn told(&self) -> Vec<(&'static str, String)> {
        let whole = ["--from", "1h", "--numbers", "whole", "--reason", "a search for one"];
        let say = |words: &[&str]| self.fleet.must(&[words, &whole].concat());
        let export = |format| say(&["calls", "export", "--format", format]);
        vec![
            ("csv", export("csv")),
            ("ndjson", export("ndjson")),
            ("list", say(&["calls", "list", "--json"])),
            ("api", self.get("calls?from=1h&numbers=whole")),
            ("metrics", [&self.router, &self.collector, &self.api].map(Member::metrics).concat()),
            ("readiness", [&self.router, &self.collector].map(|member| member.readyz().unwrap().1).concat()),
        ]
    }

    fn get(&self, path: &str) -> String {
        let Self { token, api, .. } = self;
        let head = format!(
            "Host: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nDialplane-Reason: a search for one"
        );
        say(api.api_port(), &format!("GET /api/v1/{path} HTTP/1.1\r\n{head}\r\n\r\n"))
    }

    /// Questions that have a number where none belongs are refused without a word of it, and nobody writes it down.
    fn refuse(&self) {
        let unanswered = |endpoint, to: &str| {
            let form = question(PLANS[0].name, endpoint, to);
            format!("{:?}", self.router.ask(&form))
        };
        let told = [
            self.get(&format!("calls?sort={WRONG}")),
            self.get(&format!("calls?called={WRONG}x")),
            self.get(&format!("calls/{WRONG}")),
            self.get(WRONG),
            unanswered("nobody", WRONG),
            unanswered(CALLER, &format!("{WRONG}123456789")),
        ];
        for told in told {
            assert!(!told.contains(WRONG), "{told}");
        }
        for member in [&self.router, &self.collector, &self.api] {
            assert!(!member.log().contains(WRONG) && !member.metrics().contains(WRONG), "{}", member.name);
        }
    }
}

/// Over the node, whose own router decides.
fn call(number: &str) {
    assert_eq!(Call::new(&node(PLANS[0].name).plan, CALLER, number).place().status(), 200);
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { below(&path, files) } else { files.push(path) }
    }
}
