//! The HTTP listener on real sockets: methods, caps, deadlines, and the end of connections.

use router::serve;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    common::question,
    sockets::{Listening, fields, listening, post, say},
};

#[tokio::test]
async fn get_and_post_ask_the_same() {
    let router = listening(serve, |_| {}).await;
    let asked = question("&to=84957777777");
    let posted = fields(&post(router.address, "outbound", &asked).await);
    let head = format!("GET /v1/outbound?{asked} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let got = fields(&say(router.address, head.as_bytes()).await);
    assert_eq!((&posted["status"], &posted["dial1"]), (&got["status"], &got["dial1"]));
}

#[tokio::test]
async fn what_is_no_question_is_told_so_in_the_body() {
    let router = listening(serve, |_| {}).await;
    let cases = [
        ("DELETE /v1/outbound", "400", "bad_method"),
        ("GET /v1/dance", "400", "unknown_verb"),
        ("GET /", "400", "unknown_path"),
        ("GET /v1/outbound/../x", "400", "unknown_path"),
    ];
    for (request, status, reason) in cases {
        let head = format!("{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let reply = say(router.address, head.as_bytes()).await;
        assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{reply}");
        let told = fields(&reply);
        assert_eq!((&*told["status"], &*told["reason"]), ("bad_request", reason));
    }
    let long = post(router.address, "outbound", &"x".repeat(9_000)).await;
    assert_eq!(fields(&long)["reason"], "question_too_long");
    assert!(router.rig.metric("answers_total{status=\"bad_request\",verb=\"outbound\"} 2"));
}

#[tokio::test]
async fn a_question_that_never_ends_is_answered_at_the_deadline() {
    let router = listening(serve, |_| {}).await;
    let reply =
        say(router.address, b"POST /v1/outbound HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nto=").await;
    let told = fields(&reply);
    assert_eq!((&*told["status"], &*told["reason"]), ("not_ready", "deadline"));
}

#[tokio::test]
async fn silence_and_noise_end_their_own_connection_only() {
    let router = listening(serve, |_| {}).await;
    // Both return at all only because the router closes.
    let silence = say(router.address, b"");
    let noise = say(router.address, b"\x16\x03\x01\x00\xff\r\n\r\n");
    let endless = format!("GET /v1/outbound HTTP/1.1\r\n{}", "X-Filler: y\r\n".repeat(5_000));
    let head = router.say_until_closed(endless.as_bytes());
    let (silence, noise, ()) = tokio::join!(silence, noise, head);
    assert_eq!(silence, "");
    assert!(!noise.contains("200 OK"), "{noise}");
    assert_eq!(fields(&post(router.address, "outbound", &question("&to=84957777777")).await)["status"], "ok");
}

impl Listening {
    /// Like [`Self::say`], for heads so large that the router resets the connection while they are still sent.
    async fn say_until_closed(&self, bytes: &[u8]) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let _ = stream.write_all(bytes).await;
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply).await;
        assert!(!String::from_utf8_lossy(&reply).contains("200 OK"));
    }
}

#[tokio::test]
async fn connections_over_the_cap_are_closed_and_counted() {
    let router = listening(serve, |config| config.connections_max = 1).await;
    let asked = question("&to=84957777777");
    let mut kept = TcpStream::connect(router.address).await.unwrap();
    let request = format!("GET /v1/outbound?{asked} HTTP/1.1\r\nHost: x\r\n\r\n");
    kept.write_all(request.as_bytes()).await.unwrap();
    let mut start = [0; 15];
    kept.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK");
    let mut refused = TcpStream::connect(router.address).await.unwrap();
    assert_eq!(refused.read(&mut start).await.unwrap_or(0), 0);
    assert!(router.rig.metric("connections_refused_total{listener=\"http\"} 1"));
}

#[tokio::test]
async fn a_stop_closes_idle_connections_and_ends() {
    let mut router = listening(serve, |config| config.keep_alive_s = 300).await;
    let mut idle = TcpStream::connect(router.address).await.unwrap();
    let request = format!("GET /v1/outbound?{} HTTP/1.1\r\nHost: x\r\n\r\n", question("&to=84957777777"));
    idle.write_all(request.as_bytes()).await.unwrap();
    let mut start = [0; 15];
    idle.read_exact(&mut start).await.unwrap();
    router.stop.cancel();
    router.served.join_next().await.unwrap().unwrap();
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
}
