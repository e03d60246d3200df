// N-body: double precision in structures, square roots and divisions.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SOLAR_MASS (4 * M_PI * M_PI)
#define DAYS 365.24
struct body { double x, y, z, vx, vy, vz, mass; };

static struct body bodies[] = {
    {0, 0, 0, 0, 0, 0, SOLAR_MASS},
    {4.84143144246472090, -1.16032004402742839, -.103622044471123109, .00166007664274403694 * DAYS,
     .00769901118419740425 * DAYS, -.0000690460016972063023 * DAYS, .000954791938424326609 * SOLAR_MASS},
    {8.34336671824457987, 4.12479856412430479, -.403523417114321381, -.00276742510726411863 * DAYS,
     .00499852801234917238 * DAYS, .0000230417297573763929 * DAYS, .000285885980666130812 * SOLAR_MASS},
    {12.8943695621391310, -15.1111514016986312, -.223307578892655734, .00296460137564761618 * DAYS,
     .00237847173959480950 * DAYS, -.0000296589568540237556 * DAYS, .0000436624404335156298 * SOLAR_MASS},
    {15.3796971148509165, -25.9193146099879641, .179258772950371181, .00268067772490389322 * DAYS,
     .00162824170038242295 * DAYS, -.0000951592254519715870 * DAYS, .0000515138902046611451 * SOLAR_MASS},
};
#define COUNT 5

static void advance(double dt) {
    for (int i = 0; i < COUNT; i++) {
        struct body *a = &bodies[i];
        for (int j = i + 1; j < COUNT; j++) {
            struct body *b = &bodies[j];
            double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
            double d2 = dx * dx + dy * dy + dz * dz;
            double magnitude = dt / (d2 * sqrt(d2));
            a->vx -= dx * b->mass * magnitude, a->vy -= dy * b->mass * magnitude, a->vz -= dz * b->mass * magnitude;
            b->vx += dx * a->mass * magnitude, b->vy += dy * a->mass * magnitude, b->vz += dz * a->mass * magnitude;
        }
    }
    for (int i = 0; i < COUNT; i++) {
        struct body *a = &bodies[i];
        a->x += dt * a->vx, a->y += dt * a->vy, a->z += dt * a->vz;
    }
}

static double energy(void) {
    double e = 0;
    for (int i = 0; i < COUNT; i++) {
        struct body *a = &bodies[i];
        e += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
        for (int j = i + 1; j < COUNT; j++) {
            double dx = a->x - bodies[j].x, dy = a->y - bodies[j].y, dz = a->z - bodies[j].z;
            e -= a->mass * bodies[j].mass / sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return e;
}

int main(int argc, char **argv) {
    int steps = argc > 1 ? atoi(argv[1]) : 1000;
    double px = 0, py = 0, pz = 0;
    for (int i = 0; i < COUNT; i++)
        px += bodies[i].vx * bodies[i].mass, py += bodies[i].vy * bodies[i].mass, pz += bodies[i].vz * bodies[i].mass;
    bodies[0].vx = -px / SOLAR_MASS, bodies[0].vy = -py / SOLAR_MASS, bodies[0].vz = -pz / SOLAR_MASS;
    printf("%.9f\n", energy());
    for (int i = 0; i < steps; i++) advance(0.01);
    printf("%.9f\n", energy());
    return 0;
}
