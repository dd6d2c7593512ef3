//! Every recording against the records it gave before: `tests/golden/*.txt`. What is true is told elsewhere (`truth`).
//! `GOLDEN=write` writes them anew.

use std::fs;

use crate::{
    model,
    replay::{ROOT, events_of, play, play_story, stories},
};

#[test]
fn records_are_as_they_were() {
    let mut wrong = Vec::new();
    for story in stories() {
        let text = model::text(&play_story(&story).all());
        let file =
            format!("{}/tests/golden/{}.txt", env!("CARGO_MANIFEST_DIR"), story.name.replace('/', "-"));
        if std::env::var_os("GOLDEN").is_some_and(|what| what == "write") {
            fs::write(&file, &text).unwrap();
        } else if fs::read_to_string(&file).unwrap_or_default() != text {
            wrong.push(format!("{file} is not:\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// However the bytes were torn on their way: each read is one byte, or as many as a name has letters.
#[test]
fn torn_streams_make_the_same_records() {
    for story in stories() {
        let wanted = play_story(&story).all();
        for size in [1, story.name.len()] {
            let torn = |stream: &String| {
                let text = fs::read(format!("{ROOT}/{stream}.ami")).unwrap();
                events_of(text.chunks(size))
            };
            let streams: Vec<_> = story.streams.iter().map(torn).collect();
            assert!(play(&streams).all() == wanted, "{} in pieces of {size}", story.name);
        }
    }
}
