"""What yarn, pnpm and bun do themselves: no script of a package can be meant by it."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Yarn 1 to 4, as `yarn help` lists them.
OF_YARN = _words("""
    access add audit autoclean bin cache check config constraints create dedupe dlx exec explain generate-lock-entry
    global help import info init install licenses link list lockfile login logout node npm outdated owner pack patch
    patch-commit plugin policies prune publish rebuild remove search set stage tag team unlink unplug up upgrade
    upgrade-interactive unpublish version versions why workspace workspaces
""")
# pnpm 6 to 10, with what it hands on to npm; its `start` can do without a script.
OF_PNPM = _words("""
    access add adduser approve-builds audit bin bugs c cache cat-file cat-index ci config create dedupe deploy
    deprecate dist-tag dlx docs doctor edit env exec fetch find-hash get help i ignored-builds import info init install
    install-test it licenses link list ll ln login logout ls m multi outdated owner pack patch patch-commit patch-remove
    ping prefix profile prune publish rb rebuild recursive remove repo restart rm root runtime search self-update server
    set setup stage star stars start stop store t team token tst un uninstall unlink unpublish unstar up update upgrade
    version view whoami why xmas
""")
# bun 1; it runs tests and builds itself.
OF_BUN = _words("""
    a add audit build c completions create exec feedback getcompletes help i info init install link outdated patch pm
    publish remove repl rm test uninstall unlink update upgrade why x
""")
