//! Sessions as Asterisk holds them, one at a time on each of two threads.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    thread,
};

use crate::common::{QUESTION, TOKEN};

const THREADS: usize = 2;

/// What a session begins with; commands that take something else begin otherwise, and are of other lengths.
const TOKEN_ASKED_FOR: &str = "GET VARIABLE DP_TOKEN\n";

pub(crate) fn run(address: &str, sessions: usize) {
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..sessions / THREADS).for_each(|_| assert!(!ask(address).is_empty())));
        }
    });
}

/// Has one whole session; the lengths of the commands that came.
pub(crate) fn ask(address: &str) -> Vec<usize> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let header = format!(
        "agi_network: yes\nagi_network_script: v1/outbound\nagi_request: agi://{address}/v1/outbound\n\
         agi_channel: SIP/1000-00000001\nagi_language: en\nagi_type: SIP\nagi_uniqueid: asterisk-macomnet-1700000000.42\n\
         agi_version: 16.28.0\nagi_callerid: 1000\nagi_calleridname: Ivan Petrov\nagi_callingpres: 0\n\
         agi_callingani2: 0\nagi_callington: 0\nagi_callingtns: 0\nagi_dnid: 84957777777\nagi_rdnis: unknown\n\
         agi_context: service\nagi_extension: ask\nagi_priority: 20\nagi_enhanced: 0.0\nagi_accountcode: \n\
         agi_threadid: 139872\nagi_arg_1: {QUESTION}\n\n"
    );
    stream.write_all(header.as_bytes()).unwrap();
    let mut stream = BufReader::new(stream);
    let (mut lengths, mut line) = (Vec::new(), String::new());
    while stream.read_line(&mut line).unwrap() > 0 {
        let known = ["SET VARIABLE ", TOKEN_ASKED_FOR, "xxxx"].iter().any(|start| line.starts_with(start));
        assert!(known, "{line}");
        // The bare server's commands have nothing but their lengths.
        let value = if line.len() == TOKEN_ASKED_FOR.len() { format!(" ({TOKEN})") } else { String::new() };
        lengths.push(line.len());
        line.clear();
        stream.get_mut().write_all(format!("200 result=1{value}\n").as_bytes()).unwrap();
    }
    lengths
}
