//! Undisturbed: every call is one row with its legs and attempts, and all of them are alike.

use libtest_mimic::Trial;

use super::{CALLS, Scene, on_every_database};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_database("records::feeds::every_call_is_a_row", |url| {
        let scene = Scene::on(url);
        let mut collector = scene.collector("one");
        scene.say(0..300);
        scene.wait_number(CALLS, 300);
        let digest = scene.digest("complete = TRUE");
        let lines: Vec<_> = digest.lines().collect();
        // One kind of call, three legs, two attempts; as the recorded one was.
        assert_eq!(lines.len(), 6, "{digest}");
        assert!(lines.iter().all(|line| line.starts_with("300|")), "{digest}");
        assert!(lines[0].contains("|answered|16|"), "{digest}");
        assert!(lines[4].contains("|34|503|CONGESTION") && lines[5].contains("|ANSWER"), "{digest}");
        assert_eq!(scene.number("SELECT count(*) FROM call_gaps"), 0);

        // Nothing is up any more; and a collector that starts again tells the same.
        scene.kill(&mut collector);
        let _again = scene.collector("one");
        scene.say(300..310);
        scene.wait_number(CALLS, 310);
        assert_eq!(scene.digest("complete = TRUE"), digest.replace("300|", "310|"));
    })
}
