import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OWN_GROUP, shellOf, type Transport } from './transport.js'

/**
 * The virtual machine, or the other machine, that `--vm` names: a folder with a kernel to boot (`vmlinux`, `initrd.img`,
 * `rootfs.img`), or a command that gives a shell there.
 */
export const vmOf = (named: string): Transport =>
  existsSync(join(named, 'vmlinux')) ? boot(named) : shellOf(named)

/**
 * What the guest's own agent is asked to do: a shell on our port, which becomes our agent; when that ends, as it does
 * when this process is gone, the machine is turned off.
 */
const SHELL_ON_PORT = `for port in /sys/class/virtio-ports/*; do
  [ "$(cat $port/name)" = nfsim ] && sh <>/dev/\${port##*/} >&0 2>/dev/console
done
echo o > /proc/sysrq-trigger
`
const MONTH = 30 * 24 * 3600

/** Boots the image with the terminal of qemu as our port. The image is only read; nothing of the machine outlives it. */
function boot(folder: string): Transport {
  const scratch = mkdtempSync(join(tmpdir(), 'nfsim-vm-'))
  const request = join(scratch, 'request')
  const script = Buffer.from(SHELL_ON_PORT).toString('base64')
  writeFileSync(
    request,
    `${JSON.stringify({ id: 'nfsim', op: 'run', isolate: false, timeout: MONTH, script })}\n`,
  )
  const consolePath = join(scratch, 'console')
  const console = openSync(consolePath, 'w+')
  const child = spawn('qemu-system-x86_64', machine(folder, request, consolePath), OWN_GROUP)
  const started = () => rmSync(scratch, { recursive: true, force: true })
  for (const event of ['exit', 'error']) child.on(event, started)
  return {
    child,
    isShell: true,
    started,
    lastWords: () => tail(console),
    end: () => child.kill('SIGTERM'),
  }
}

/** Without KVM, so that it runs anywhere; `quiet` and the like save seconds of an emulated processor. */
const machine = (folder: string, request: string, console: string): string[] => [
  ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-M', 'q35', '-cpu', 'max'],
  ...['-accel', 'tcg,tb-size=256', '-smp', '1', '-m', '1024'],
  ...['-kernel', join(folder, 'vmlinux'), '-initrd', join(folder, 'initrd.img')],
  '-append',
  'console=ttyS0 quiet nokaslr mitigations=off panic=-1 random.trust_cpu=on tsc=reliable no_timer_check ' +
    'rcupdate.rcu_expedited=1 net.ifnames=0',
  ...['-drive', `file=${join(folder, 'rootfs.img')},if=virtio,format=raw,readonly=on`],
  ...['-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci'],
  // the guest's own agent hears one request, and is not listened to
  ...['-chardev', `pipe,id=oracle,path=${request}`],
  ...['-device', 'virtserialport,chardev=oracle,name=oracle'],
  ...['-chardev', 'stdio,id=nfsim,signal=off', '-device', 'virtserialport,chardev=nfsim,name=nfsim'],
  ...['-serial', `file:${console}`],
]

function tail(file: number): string {
  const text = Buffer.alloc(65536)
  return text.toString('utf8', 0, readSync(file, text, 0, text.length, 0)).slice(-2000)
}
