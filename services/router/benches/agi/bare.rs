//! The ceiling: what the exchange costs when nothing is read out of it and nothing decided.

use std::sync::Arc;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

pub(crate) fn serve(address: &str, commands: impl Iterator<Item = usize>) {
    let commands: Vec<_> = commands.map(|bytes| "x".repeat(bytes - 1) + "\n").collect();
    let commands: Arc<[String]> = commands.into();
    crate::common::run(async {
        let listener = TcpListener::bind(address).await.unwrap();
        println!("ready");
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            #[expect(clippy::disallowed_methods, reason = "as bare as it gets")]
            tokio::spawn(session(stream, Arc::clone(&commands)));
        }
    });
}

async fn session(mut stream: TcpStream, commands: Arc<[String]>) {
    stream.set_nodelay(true).unwrap();
    read_until(&mut stream, b"\n\n").await;
    for command in &*commands {
        stream.write_all(command.as_bytes()).await.unwrap();
        read_until(&mut stream, b"\n").await;
    }
}

async fn read_until(stream: &mut TcpStream, end: &[u8]) {
    let mut buffer = Vec::with_capacity(4 * 1024);
    while !buffer.ends_with(end) {
        if stream.read_buf(&mut buffer).await.unwrap_or(0) == 0 {
            return;
        }
    }
}
