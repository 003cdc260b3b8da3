"""An operating system's scheduler in objects: tasks of several kinds that send each other packets."""

IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(6)
KIND_DEVICE, KIND_WORK = 0, 1


class Packet:
    def __init__(self, link, ident, kind):
        self.link = link
        self.ident = ident
        self.kind = kind
        self.datum = 0
        self.data = [0, 0, 0, 0]

    def append_to(self, queue):
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class Task:
    def __init__(self, scheduler, ident, priority, queue):
        self.scheduler = scheduler
        self.ident = ident
        self.priority = priority
        self.queue = queue
        self.held = False
        self.waiting = queue is None
        scheduler.table[ident] = self
        scheduler.order.append(self)

    def ready(self):
        return not self.held and (self.queue is not None or not self.waiting)

    def step(self):
        packet = None
        if self.waiting and self.queue is not None:
            packet = self.queue
            self.queue = packet.link
            self.waiting = False
        self.run(packet)

    def receive(self, packet):
        self.queue = packet.append_to(self.queue)


class Idle(Task):
    def __init__(self, scheduler, count):
        super().__init__(scheduler, IDLE, 0, None)
        self.waiting = False
        self.control = 1
        self.count = count

    def run(self, packet):
        self.count -= 1
        if self.count == 0:
            self.held = True
        elif self.control & 1:
            self.control = (self.control >> 1) ^ 0xD008
            self.scheduler.release(DEVICE_B)
        else:
            self.control >>= 1
            self.scheduler.release(DEVICE_A)


class Worker(Task):
    def __init__(self, scheduler, queue):
        super().__init__(scheduler, WORKER, 1000, queue)
        self.destination = HANDLER_A
        self.letter = 0

    def run(self, packet):
        if packet is None:
            self.waiting = True
            return
        self.destination = HANDLER_B if self.destination == HANDLER_A else HANDLER_A
        packet.ident = self.destination
        packet.datum = 0
        for i in range(4):
            self.letter = self.letter + 1 if self.letter < 26 else 1
            packet.data[i] = 64 + self.letter
        self.scheduler.send(packet, self)


class Handler(Task):
    def __init__(self, scheduler, ident, priority, queue):
        super().__init__(scheduler, ident, priority, queue)
        self.work = None
        self.devices = None

    def run(self, packet):
        if packet is not None:
            if packet.kind == KIND_WORK:
                self.work = packet.append_to(self.work)
            else:
                self.devices = packet.append_to(self.devices)
        work = self.work
        if work is not None:
            if work.datum >= 4:
                self.work = work.link
                self.scheduler.send(work, self)
                return
            device = self.devices
            if device is not None:
                self.devices = device.link
                device.datum = work.data[work.datum]
                work.datum += 1
                self.scheduler.send(device, self)
                return
        self.waiting = True


class Device(Task):
    def __init__(self, scheduler, ident, priority):
        super().__init__(scheduler, ident, priority, None)
        self.pending = None

    def run(self, packet):
        if packet is None:
            if self.pending is None:
                self.waiting = True
            else:
                packet, self.pending = self.pending, None
                self.scheduler.send(packet, self)
        else:
            self.pending = packet
            self.held = True


class Scheduler:
    def __init__(self):
        self.table = [None] * 6
        self.order = []
        self.sent = self.held = 0

    def send(self, packet, sender):
        self.sent += 1
        target = self.table[packet.ident]
        packet.ident = sender.ident
        target.receive(packet)

    def release(self, ident):
        self.held += 1
        self.table[ident].held = False

    def loop(self):
        self.order.sort(key=lambda task: -task.priority)
        while True:
            for task in self.order:
                if task.ready():
                    task.step()
                    break
            else:
                return


def run():
    s = Scheduler()
    Idle(s, 1500)
    Worker(s, Packet(Packet(None, WORKER, KIND_WORK), WORKER, KIND_WORK))
    for ident, device, priority in [(HANDLER_A, DEVICE_A, 2000), (HANDLER_B, DEVICE_B, 3000)]:
        queue = None
        for _ in range(3):
            queue = Packet(queue, device, KIND_DEVICE)
        Handler(s, ident, priority, queue)
        Device(s, device, priority + 2000)
    s.loop()
    return s.sent, s.held


EXPECTED = (3472, 1499)
