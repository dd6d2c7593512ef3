//! Whatever a name or a comment holds, it adds nothing to any file.

use std::sync::LazyLock;

use domain::ProviderId;
use firewall::{AddressSet, Entry, Floors, Format, RenderOptions, Who, render};
use proptest::prelude::*;

use super::{grammars, sample::rich};

/// The same set, with other texts wherever people write some.
fn named(name: &str, comment: &str) -> AddressSet {
    let rich = rich();
    let entries = rich.entries().iter().map(|entry| Entry {
        who: match &entry.who {
            Who::Provider { id, .. } => Who::Provider { id: ProviderId(id.0), name: name.to_owned() },
            server @ Who::Server { .. } => server.clone(),
        },
        comment: Some(comment.to_owned()),
        ..entry.clone()
    });
    AddressSet::new(7, entries.collect(), Floors::default()).unwrap()
}

/// Lines of letters only are what they are; compared is everything but the texts themselves and what is made of them.
fn check(name: &str, comment: &str) {
    let set = named(name, comment);
    for (format, (lines, statements)) in Format::ALL.iter().zip(&*USUAL) {
        let text = render(&set, *format, &RenderOptions::default()).unwrap();
        assert_eq!(text.lines().count(), *lines, "{format}: {name:?} {comment:?}");
        assert!(!text.bytes().any(|byte| byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t')), "{format}");
        assert_eq!(grammars::read(*format, &text), *statements, "{format}: {name:?} {comment:?}");
    }
}

/// Each file with texts that mean no harm: its lines, and what they say.
static USUAL: LazyLock<Vec<(usize, Vec<Vec<String>>)>> = LazyLock::new(|| {
    let set = named("Lab", "x");
    let read = |format| {
        let text = render(&set, format, &RenderOptions::default()).unwrap();
        (text.lines().count(), grammars::read(format, &text))
    };
    Format::ALL.map(read).into()
});

#[test]
fn names_that_would_end_something_end_nothing() {
    let hostile = [
        "a\nadd rule inet dialplane input accept",
        "a\r\n[evil]\r\ntype=endpoint",
        "\"; }",
        "# x",
        "; x",
        "}{",
        "x\u{2028}y\u{85}z",
        "=HYPERLINK(\"http://example.net\")",
        "@SUM(1)",
        "-1+1",
        "%(here)s ${x} $(reboot)",
        "a,b,c",
        "\\",
        "\u{202e}\u{0}\u{7f}",
        "",
        "    ",
        "Прометей",
        "*/ /*",
        "x\\",
    ];
    for text in hostile {
        check(text, text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn no_text_adds_anything(name in "\\PC{0,80}|[\\x00-\\x7f]{0,80}", comment in any::<String>()) {
        check(&name, &comment);
    }
}
