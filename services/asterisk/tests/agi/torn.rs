//! How bytes are torn on their way changes nothing, and no bytes make a decoder panic.

use asterisk::agi::{
    Environment, EnvironmentDecoder, EnvironmentError, MAX_ENVIRONMENT_BYTES, MAX_REPLY_BYTES, Reply,
    ReplyDecoder, ReplyError,
};
use proptest::prelude::*;

/// What came out, and what was left in the buffer.
type Outcome<T, E> = (Result<Option<T>, E>, Vec<u8>);

fn environment<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Outcome<Environment, EnvironmentError> {
    let (mut decoder, mut buffer) = (EnvironmentDecoder::default(), bytes::BytesMut::new());
    let mut outcome = Ok(None);
    for piece in pieces {
        buffer.extend_from_slice(piece);
        if outcome == Ok(None) {
            outcome = decoder.decode(&mut buffer);
        }
    }
    (outcome, buffer.to_vec())
}

fn replies<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Outcome<Vec<Reply>, ReplyError> {
    let (mut decoder, mut buffer) = (ReplyDecoder::default(), bytes::BytesMut::new());
    let (mut replies, mut failed) = (Vec::new(), None);
    for piece in pieces {
        buffer.extend_from_slice(piece);
        while failed.is_none() {
            match decoder.decode(&mut buffer) {
                Ok(Some(reply)) => replies.push(reply),
                Ok(None) => break,
                Err(error) => failed = Some(error),
            }
        }
    }
    (failed.map_or(Ok(Some(replies)), Err), buffer.to_vec())
}

/// Whole, byte by byte, and in two pieces cut at every place.
fn check_splits(text: &[u8]) {
    let (environment_whole, replies_whole) = (environment([text]), replies([text]));
    assert_eq!(environment(text.chunks(1)), environment_whole);
    assert_eq!(replies(text.chunks(1)), replies_whole);
    for place in 0..=text.len() {
        let (head, tail) = text.split_at(place);
        assert_eq!(environment([head, tail]), environment_whole, "cut at {place}");
        assert_eq!(replies([head, tail]), replies_whole, "cut at {place}");
    }
}

const SESSION: &[u8] =
    b"agi_network: yes\nagi_network_script: v1/outbound\nagi_callerid: 1000\r\nagi_accountcode: \n\
    agi_arg_1: node=a&to=%2B7495\n\n";
const REPLIES: &[u8] = b"200 result=1\n200 result=1 (a (b) c)\r\n520-Invalid command syntax.  Proper usage follows:\n\
    Usage: SET VARIABLE\n520 End of proper usage.\n511 result=-1 Command Not Permitted\n510 Invalid\nHANGUP\n200 r";

#[test]
fn real_sessions_may_be_torn_anywhere() {
    check_splits(SESSION);
    check_splits(REPLIES);
    assert!(matches!(environment([SESSION]).0, Ok(Some(_))));
    assert_eq!(replies([REPLIES]).0.unwrap().unwrap().len(), 6);
}

fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let words = prop_oneof![
        Just(&b"agi_a: "[..]),
        Just(&b"agi_arg_1:"[..]),
        Just(&b"\n"[..]),
        Just(&b"\r\n"[..]),
        Just(&b"\0"[..]),
        Just(&b"\xff"[..]),
        Just(&b"200 result=1"[..]),
        Just(&b" (x)"[..]),
        Just(&b" (x"[..]),
        Just(&b"520-"[..]),
        Just(&b"\n520 "[..]),
        Just(&b"HANGUP"[..]),
    ];
    let word = prop_oneof![
        4 => words.prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..20),
    ];
    proptest::collection::vec(word, 0..20).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(crate::config())]

    #[test]
    fn hostile_bytes_may_be_torn_anywhere(text in hostile()) {
        check_splits(&text);
    }

    #[test]
    fn caps_hold_however_the_bytes_come(line in 1usize..9_000, piece in 1usize..3_000) {
        let text = [vec![b'x'; line], b"\n".to_vec()].concat().repeat(40_000 / line + 1);
        let whole = environment([&text[..]]);
        prop_assert_eq!(&environment(text.chunks(piece)).0, &whole.0);
        prop_assert!(whole.0.is_err());
        prop_assert_eq!(replies(text.chunks(piece)).0, replies([&text[..]]).0);
    }
}

#[test]
fn nothing_is_kept_beyond_the_caps() {
    let endless = vec![b'x'; MAX_ENVIRONMENT_BYTES + MAX_REPLY_BYTES];
    assert_eq!(environment(endless.chunks(100)).0, Err(EnvironmentError::LineTooLong));
    assert_eq!(replies(endless.chunks(100)).0, Err(ReplyError::TooLong));
}
