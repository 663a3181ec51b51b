// Starts `wf lsp` and lets VS Code speak with it.
"use strict";

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

/** @type {LanguageClient | undefined} */
let client;

function newClient() {
  const settings = vscode.workspace.getConfiguration("wf");
  const command = settings.get("path", "wf");
  const server = { command, args: ["lsp"], transport: TransportKind.stdio };
  // Which files are watched the server says itself.
  const options = {
    documentSelector: [
      { scheme: "file", language: "wf" },
      { scheme: "untitled", language: "wf" },
      { scheme: "file", language: "yaml", pattern: settings.get("yamlFiles") },
    ],
  };
  return { client: new LanguageClient("wf", "wf", server, options), command };
}

async function start() {
  const made = newClient();
  client = made.client;
  try {
    await client.start();
  } catch (error) {
    const open = "Open the setting";
    const why = error instanceof Error ? error.message : String(error);
    const chosen = await vscode.window.showErrorMessage(
      `The language server could not be started with \`${made.command} lsp\`: ${why}. ` +
        "Install it with `cargo install wf`, or say in the setting `wf.path` where it is.",
      open,
    );
    if (chosen === open) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "wf.path");
    }
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old?.isRunning()) {
    await old.stop();
  }
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  context.subscriptions.push(vscode.commands.registerCommand("wf.restart", restart));
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration((changed) => {
      if (changed.affectsConfiguration("wf.path") || changed.affectsConfiguration("wf.yamlFiles")) {
        restart();
      }
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
