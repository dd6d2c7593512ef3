//! Questions to a server that answers what the test tells it to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread::{self, JoinHandle},
};

use client::{Answer, Client, ClientError};
use domain::Secret;

/// A server that gives these answers, each on the connection of its number, and tells what it was asked.
fn server(answers: Vec<(usize, &'static str)>) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = move || {
        let mut questions = Vec::new();
        let mut connection: Option<(usize, BufReader<TcpStream>)> = None;
        for (number, answer) in answers {
            if connection.as_ref().is_none_or(|(current, _)| *current != number) {
                connection = None;
                connection.replace((number, BufReader::new(listener.accept().unwrap().0)));
            }
            let (_, reader) = connection.as_mut().unwrap();
            questions.push(head(reader));
            reader.get_mut().write_all(answer.as_bytes()).unwrap();
        }
        questions
    };
    (address, thread::spawn(serve))
}

fn head(reader: &mut BufReader<TcpStream>) -> String {
    let lines = reader.lines().map(Result::unwrap).take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n").to_ascii_lowercase()
}

fn client(address: SocketAddr) -> Client {
    Client::new(format!("http://{address}/behind").parse().unwrap(), Secret::new("dpa_geheim"), None)
}

const BODY: &str = "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: 2\r\n\r\nhi";
const KNOWN: &str = "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n";

#[tokio::test]
async fn what_is_known_is_not_sent_again_and_a_connection_is_kept() {
    let (address, server) = server(vec![(1, BODY), (1, KNOWN), (2, BODY)]);
    let mut client = client(address);
    let body = Answer::Body { etag: Some("\"a\"".to_owned()), bytes: b"hi".to_vec() };
    assert_eq!(client.get("/x?y=z", None).await.unwrap(), body);
    assert_eq!(client.get("/x?y=z", Some("\"a\"")).await.unwrap(), Answer::Known);
    assert_eq!(client.get("/x?y=z", None).await.unwrap(), body, "asked again where somebody hung up");
    let questions = server.join().unwrap();
    assert!(questions[0].starts_with("get /behind/x?y=z http/1.1"), "{}", questions[0]);
    assert!(questions[0].contains("authorization: bearer dpa_geheim"));
    assert!(questions[1].contains("if-none-match: \"a\"") && !questions[2].contains("if-none-match"));
    assert!(!format!("{client:?}").contains("geheim"));
}

#[tokio::test]
async fn refusals_say_why_and_nobody_is_sent_elsewhere() {
    let problem =
        "HTTP/1.1 409 Conflict\r\nContent-Length: 38\r\n\r\n{\"title\":\"no\",\"detail\":\"not\\u001b so\"}";
    let moved = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
    let busy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
    let (address, server) = server(vec![(1, problem), (1, moved), (1, busy), (1, "rubbish\r\n\r\n")]);
    let mut client = client(address);
    let refused = client.get("/x", None).await.unwrap_err();
    assert!(refused.is_conflict() && !refused.is_unavailable());
    assert_eq!(refused.to_string(), "the answer is 409 Conflict: not\\u{1b} so");
    let refused = client.get("/x", None).await.unwrap_err();
    assert!(matches!(refused, ClientError::Refused { status, .. } if status.as_u16() == 302));
    assert!(client.get("/x", None).await.unwrap_err().is_unavailable());
    drop(client.get("/x", None).await.unwrap_err());
    assert_eq!(server.join().unwrap().len(), 4);
    assert!(matches!(client.get("/x", None).await, Err(ClientError::Unreachable { .. })));
}
