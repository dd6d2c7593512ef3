use crate::text::{text_form, token};

/// Letters, digits and `. _ -`, starting with a letter or a digit: nothing an Asterisk expression,
/// a Dial argument list or a configuration file would read as syntax.
fn is_name(text: &str, longest: usize) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= longest
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

token! {
    /// The name of a peer, user or PJSIP endpoint section in the nodes' configuration.
    PeerName, "a peer name", "1 to 80 of A-Z a-z 0-9 . _ - starting with a letter or digit",
    |text| is_name(text, 80)
}
token! {
    /// The name of one Asterisk server: its `systemname`, `servers.servername` in the tables.
    NodeName, "a node name", "1 to 50 of A-Z a-z 0-9 . _ - starting with a letter or digit",
    |text| is_name(text, 50)
}
token! {
    /// The name of a dialplan context (at most 79 characters, `AST_MAX_CONTEXT`).
    ContextName, "a context name", "1 to 79 of A-Z a-z 0-9 . _ - starting with a letter or digit",
    |text| is_name(text, 79)
}

token! {
    /// An extension of a dialplan context (at most 79 characters, `AST_MAX_EXTENSION`).
    ExtenName, "an extension", "1 to 79 of A-Z a-z 0-9 . _ - starting with a letter or digit",
    |text| is_name(text, 79)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_room_for_syntax() {
        for good in ["westcall", "sip.n1.ipport.net", "209.124.34.104", "sip_peer_msm_2302", "1000"] {
            assert_eq!(good.parse::<PeerName>().unwrap().as_str(), good);
        }
        for bad in ["", "-x", ".x", "a/b", "a&b", "a,b", "a@b", "a b", "a\n", "${X}", "é", "a^b", "a:b"] {
            assert!(bad.parse::<PeerName>().is_err(), "{bad:?}");
        }
        assert!("x".repeat(80).parse::<PeerName>().is_ok());
        assert!("x".repeat(81).parse::<PeerName>().is_err());
    }
}
