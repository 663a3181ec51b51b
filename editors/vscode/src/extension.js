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
  const files = vscode.workspace.createFileSystemWatcher("**/{*.wf,wf.yaml}");
  const options = {
    documentSelector: [
      { scheme: "file", language: "wf" },
      { scheme: "untitled", language: "wf" },
      { scheme: "file", language: "yaml", pattern: settings.get("yamlFiles") },
    ],
    synchronize: { fileEvents: files },
  };
  return { client: new LanguageClient("wf", "wf", server, options), command, files };
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
  return made;
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
  context.subscriptions.push((await start()).files);
}

module.exports = { activate, deactivate: stop };
