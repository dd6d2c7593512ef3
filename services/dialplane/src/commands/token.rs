use std::process::ExitCode;

use domain::NodeTokenId;
use runtime::Config;
use serde_json::json;

use super::open;
use crate::{
    answer,
    cli::Token,
    failure::{DONE, Failure, negative},
    token,
};

pub(crate) async fn run(config: &Config, command: Token) -> Result<ExitCode, Failure> {
    let store = open(config).await?;
    match command {
        Token::Create { node, comment } => {
            let token = token::make()?;
            store.add_node_token(&node, &token::hash(&token), comment.as_deref()).await?;
            println!("{token}");
            Ok(DONE)
        }
        Token::List { json } => list(&store, json).await,
        Token::Revoke { id } => {
            let revoked = store.revoke_node_token(NodeTokenId(id)).await?;
            println!("{}", if revoked { "revoked" } else { "no such token" });
            Ok(if revoked { DONE } else { negative() })
        }
    }
}

async fn list(store: &store::Store, json: bool) -> Result<ExitCode, Failure> {
    let tokens = store.node_tokens().await?;
    if json {
        let rows: Vec<_> = tokens
            .iter()
            .map(|token| json!({ "id": token.id, "node": token.servername, "comment": token.comment }))
            .collect();
        answer::json(&rows)?;
    } else {
        let comment = |comment: &Option<String>| comment.clone().unwrap_or_default();
        let rows = tokens
            .iter()
            .map(|token| [token.id.to_string(), token.servername.to_string(), comment(&token.comment)]);
        answer::table(&["id", "node", "comment"], rows);
    }
    Ok(DONE)
}
