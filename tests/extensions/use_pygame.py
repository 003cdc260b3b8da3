"""SDL without a screen."""

from outcomes import show


def pygames():
    import os

    os.environ["SDL_VIDEODRIVER"] = "dummy"
    os.environ["SDL_AUDIODRIVER"] = "dummy"
    os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"
    import pygame, numpy as np

    pygame.init()
    s = pygame.display.set_mode((64, 48))
    s.fill((10, 20, 30))
    r = pygame.Rect(5, 5, 10, 10)
    pygame.draw.circle(s, "red", (20, 20), 8)
    print(
        s,
        s.get_at((20, 20)),
        r.move(1, 2),
        r.colliderect((0, 0, 6, 6)),
        r.union((50, 1, 2, 3)),
        pygame.Vector2(3, 4).length(),
        pygame.Vector3(1, 2, 3) + (1, 1, 1),
        pygame.Color("green").hsva,
        pygame.surfarray.array3d(s).shape,
        pygame.mask.from_surface(s).count(),
    )
    pygame.event.post(pygame.event.Event(pygame.USEREVENT, a=1))
    print([e for e in pygame.event.get() if e.type == pygame.USEREVENT])

    class Sp(pygame.sprite.Sprite):

        def __init__(s):
            super().__init__()
            s.image = pygame.Surface((2, 2))
            s.rect = s.image.get_rect()

        def update(s):
            s.rect.x += 1

    g = pygame.sprite.Group(Sp(), Sp())
    g.update()
    g.draw(s)
    print(len(g), [x.rect for x in g])
    f = pygame.font.Font(None, 20)
    print(
        f.size("hello"),
        f.render("x", True, "white").get_size(),
        pygame.transform.rotate(s, 90).get_size(),
        pygame.math.lerp(0, 10, 0.3),
        r.x,
        r.center,
        list(r),
    )
    v = pygame.Vector2(1, 2)
    v.xy = (5, 6)
    v *= 2
    print(v, v.yx, v == (10, 12), -v)
    show(
        lambda: pygame.Rect("x"),
        lambda: pygame.Color("nocolor"),
        lambda: s.get_at((500, 1)),
        lambda: pygame.image.load("nope.png"),
        lambda: pygame.Vector2(1) / 0,
        lambda: s.blit(1, 2),
    )
    b = pygame.mixer.Sound(buffer=b"\x00" * 400)
    print(b.get_length() > 0, b.get_raw()[:4])
    pygame.time.Clock().tick(1000)
    pygame.quit()


for section in (pygames,):
    print("---", section.__name__, flush=True)
    section()
