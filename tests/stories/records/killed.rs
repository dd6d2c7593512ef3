//! Killed at any moment: what was journaled is not lost, and what was not heard is not made up.

use std::{fs, path::PathBuf, process::Command, thread, time::Duration};

use laboratory::{Run, Running, fleet::LIMIT, wait_until};
use libtest_mimic::Trial;

use super::{CALLS, COMPLETE, INCOMPLETE, Scene, count, now_us, on_every_database};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials =
        on_every_database("records::killed::what_is_said_again_is_as_if_nothing_was", said_again);
    trials.extend(on_every_database("records::killed::what_was_not_heard_is_not_made_up", not_said_again));
    trials
}

fn recorder(folder: &str, url: &str, file: &str) -> Running {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_recorder"));
    let log = Run::current().folder.join(format!("{}.log", folder.replace('/', "-")));
    Running::start("recorder", Command::new(program).args([folder, url, file]), &log)
}

fn said_again(url: &str) {
    let calls = 10_000;
    let scene = Scene::on(url);
    let folder = Run::current().folder.join(format!("recorder-{}", &url[..6].replace([':', '/'], "")));
    fs::create_dir_all(&folder).unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let stream: String = scene.events(0..calls, now_us()).into_iter().map(|(_, event)| event).collect();
    fs::write(path("stream"), stream).unwrap();

    // Not dice: what is needed is moments that nobody chose, and the same ones in every run would be fewer with time.
    let mut moment = u64::from(std::process::id());
    for _ in 0..count(5, 100) {
        let running = recorder(&path("journal"), url, &path("stream"));
        moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        thread::sleep(Duration::from_millis(200 + (moment >> 33) % 1_800));
        drop(running);
    }
    let _last = recorder(&path("journal"), url, &path("stream"));
    wait_until("all calls", LIMIT * 3, || {
        thread::sleep(Duration::from_millis(500));
        (scene.number(CALLS) == calls).then_some(())
    });
    let digest = scene.digest("1 = 1");
    assert_eq!(digest.lines().count(), 6, "{digest}");
    assert!(digest.lines().all(|line| line.starts_with(&format!("{calls}|"))), "{digest}");
    assert_eq!(scene.number(COMPLETE), calls);
    assert_eq!(scene.number("SELECT count(*) FROM call_gaps"), 0);
}

fn not_said_again(url: &str) {
    let scene = Scene::on(url);
    let mut collector = scene.collector("one");
    scene.say(0..50);
    scene.wait_number(CALLS, 50);
    let digest = scene.digest("complete = TRUE");
    scene.meanwhile(50..650, || {
        for pause_ms in [1_900, 800, 1_300] {
            thread::sleep(Duration::from_millis(pause_ms));
            scene.kill(&mut collector);
            thread::sleep(Duration::from_millis(pause_ms / 2));
            collector.start();
            scene.wait_listeners(1);
        }
    });
    scene.say_last(650..660);
    let complete = scene.number(COMPLETE);
    assert_eq!(scene.digest("complete = TRUE"), digest.replace("50|", &format!("{complete}|")));
    assert!(scene.number(INCOMPLETE) > 0);
    // A value is the true one or none.
    let truth = digest.lines().next().unwrap().split('|').collect::<Vec<_>>();
    for (column, value) in [("talk_us", truth[10]), ("wait_us", truth[8]), ("cause", truth[12])] {
        let wrong = format!("SELECT count(*) FROM calls WHERE {column} <> {value}");
        assert_eq!(scene.number(&wrong), 0, "{column}");
    }
    assert_eq!(scene.number("SELECT count(*) FROM calls WHERE disposition <> 'answered'"), 0);
}
