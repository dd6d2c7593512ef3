//! Watching a node over AMI with the very account of the shipped sample.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use crate::asterisk::Plan;

/// A logged-in connection.
#[derive(Debug)]
pub struct Ami {
    reader: BufReader<TcpStream>,
}

/// One event, as `name: value` lines.
#[derive(Clone, Debug)]
pub struct Event(Vec<(String, String)>);

impl Ami {
    pub fn connect(node: &Plan) -> Self {
        let mut connection = TcpStream::connect((node.address, 5038)).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        connection.write_all(b"Action: Login\r\nUsername: dialplane\r\nSecret: change-me\r\n\r\n").unwrap();
        let mut reader = BufReader::new(connection);
        reader.read_line(&mut String::new()).unwrap();
        let mut ami = Self { reader };
        assert_eq!(ami.next().value("Response"), "Success", "AMI login");
        ami
    }

    /// Reads on until an event satisfies the story.
    pub fn until(&mut self, mut wanted: impl FnMut(&Event) -> bool) -> Event {
        loop {
            let event = self.next();
            if wanted(&event) {
                return event;
            }
        }
    }

    fn next(&mut self) -> Event {
        let mut lines = vec![];
        loop {
            let mut line = String::new();
            assert!(self.reader.read_line(&mut line).unwrap() > 0, "AMI closed the connection");
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            lines.push((name.to_owned(), value.trim_start().to_owned()));
        }
        Event(lines)
    }
}

impl Event {
    /// The value of a header, empty if there is none.
    pub fn value(&self, header: &str) -> &str {
        self.0.iter().find(|(name, _)| name == header).map_or("", |(_, value)| value)
    }

    /// A channel variable that `channelvars` puts on every event.
    pub fn variable(&self, variable: &str) -> &str {
        let values = self.0.iter().filter(|(name, _)| name == "ChanVariable");
        let mut pairs = values.filter_map(|(_, value)| value.split_once('='));
        pairs.find(|(name, _)| *name == variable).map_or("", |(_, value)| value)
    }
}
