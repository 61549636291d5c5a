"""The two shaders: what a point of a surface looks like, and how deep it lies (shadows, masks)."""

# Light is computed at vertices, except the sun's shadow and what the floor's cover takes away; large surfaces are gridded.
VERTEX = """
#version 330
uniform mat4 view_projection;
uniform mat4 shadow_matrix;
uniform vec3 eye;
uniform vec3 sun_direction; uniform vec3 sun;
uniform vec3 sky_light; uniform vec3 ground_light;
uniform vec3 lamp_position[4]; uniform vec3 lamp[4];
uniform float haze_density;
in vec3 position; in vec3 normal; in vec3 coordinate;
out vec3 world; out vec3 n; out vec3 p; out vec3 in_shadow; out vec3 soft; out vec3 hard; out float clear_air;
void main() {
    world = position; n = normal; p = coordinate;
    gl_Position = view_projection * vec4(position, 1.0);
    in_shadow = (shadow_matrix * vec4(position + normal * 0.02, 1.0)).xyz;
    soft = mix(ground_light, sky_light, 0.5 + 0.5 * normal.z);
    for (int i = 0; i < 4; i++) {
        vec3 d = lamp_position[i] - position; float q = dot(d, d);
        soft += lamp[i] * max(dot(normal, d) * inversesqrt(q) * 0.85 + 0.15, 0.0) / (1.0 + q);
    }
    hard = sun * max(dot(normal, sun_direction), 0.0);
    clear_air = exp(-length(eye - position) * haze_density);
}
"""

DEPTH_VERTEX = """
#version 330
uniform mat4 view_projection;
in vec3 position;
void main() { gl_Position = view_projection * vec4(position, 1.0); }
"""

DEPTH_FRAGMENT = """
#version 330
void main() {}
"""

ID_FRAGMENT = """
#version 330
uniform usampler2D triangles;
uniform int first_triangle;
out uint object;
void main() {
    int t = first_triangle + gl_PrimitiveID;
    object = texelFetch(triangles, ivec2(t % 2048, t / 2048), 0).y;
}
"""

MASK_FRAGMENT = """
#version 330
out float mask;
void main() { mask = 1.0; }
"""

# One program per pattern: software rasterisers run every branch of a shader.
# A material is four texels: colour+pattern, second colour+scale, (gloss, bump, emission, mottle), third colour+parameter.
FRAGMENT = """
#version 330
#define KIND @KIND
uniform usampler2D triangles;   // per triangle: material, object
uniform sampler2D materials;
uniform sampler2D noise;
uniform sampler2D prints;       // signs, screens, posters
uniform sampler2D contact;      // how much of the floor nearby is covered: near, wide
uniform sampler2DShadow shadow;
uniform int first_triangle;
uniform vec4 contact_frame;     // x0, y0, 1/width, 1/depth
uniform vec3 eye;
uniform vec3 sun_direction; uniform float sun_blur;
uniform vec3 sky_light;
uniform vec3 haze;
uniform float exposure;
in vec3 world; in vec3 n; in vec3 p; in vec3 in_shadow; in vec3 soft; in vec3 hard; in float clear_air;
out vec4 colour;

float hash(vec2 q) { return fract(sin(dot(q, vec2(127.1, 311.7))) * 43758.5453); }
vec4 grain(vec2 q) { return texture(noise, q); }
float line(float x, float width) {      // 1 on lines at whole numbers, faded where they are finer than a pixel
    float w = fwidth(x), d = abs(fract(x + 0.5) - 0.5);
    return (1.0 - smoothstep(width, width + w + 1e-5, d)) * clamp(0.6 / (w + 1e-5), 0.0, 1.0) + 
           2.0 * width * (1.0 - clamp(0.6 / (w + 1e-5), 0.0, 1.0));
}
float band(float x) {                   // stripes of equal width
    float w = fwidth(x);
    return mix(smoothstep(-w, w, abs(fract(x) - 0.5) - 0.25), 0.5, clamp(w * 1.5 - 0.4, 0.0, 1.0));
}
float spot(vec3 q, vec3 c, vec3 r) { vec3 d = (q - c) / r; return smoothstep(1.25, 0.75, length(d)); }

vec3 skin(vec3 base, vec3 hair, float stubble, vec3 q) {
    vec3 m = vec3(abs(q.x), q.yz);      // the neutral head: eyes at (0.031, -0.125, 0.728)
    vec3 c = base * (1.0 + 0.10 * (grain(q.xz * 9.0).r - 0.5) + 0.10 * (grain(q.xz * 31.0).g - 0.5));
    c = mix(c, base * vec3(1.05, 0.80, 0.78), 0.5 * spot(m, vec3(0.045, -0.13, 0.690), vec3(0.028)));
    c = mix(c, base * vec3(1.02, 0.84, 0.82), 0.6 * spot(m, vec3(0.0, -0.165, 0.692), vec3(0.02)));
    c = mix(c, base * vec3(0.86, 0.55, 0.55), 0.85 * spot(m, vec3(0.0, -0.152, 0.6545), vec3(0.024, 0.03, 0.0085)));
    c = mix(c, base * 0.72, 0.6 * spot(m, vec3(0.031, -0.135, 0.730), vec3(0.021, 0.03, 0.012)));
    float arch = 0.7515 + 0.004 * smoothstep(0.01, 0.035, m.x) - 0.006 * smoothstep(0.035, 0.055, m.x);
    float brow = smoothstep(0.0065, 0.003, abs(m.z - arch)) * smoothstep(0.008, 0.014, m.x) * smoothstep(0.056, 0.045, m.x)
               * step(q.y, -0.08);
    c = mix(c, hair, brow * (0.55 + 0.5 * grain(q.xz * 60.0).b));
    float beard = smoothstep(0.682, 0.65, q.z + 0.25 * max(m.x - 0.04, 0.0)) * smoothstep(0.575, 0.60, q.z) * smoothstep(-0.05, -0.08, q.y);
    beard *= 1.0 - spot(m, vec3(0.0, -0.152, 0.6545), vec3(0.026, 0.03, 0.010));
    return mix(c, hair * 1.3, beard * stubble * (0.6 + 0.8 * grain(q.xz * 50.0).a));
}
vec3 eyeball(vec3 iris, vec3 q) {
    vec2 d = vec2(abs(q.x) - 0.0308, q.z - 0.7284);
    float r = q.y < -0.127 ? length(d) : 1.0;
    vec3 c = mix(vec3(0.62, 0.58, 0.55), vec3(0.72, 0.50, 0.46), smoothstep(0.008, 0.014, r));
    c = mix(iris, c, smoothstep(0.0055, 0.0064, r));
    return mix(vec3(0.005), c, smoothstep(0.0022, 0.0030, r));
}
vec3 pattern(vec3 a, vec3 b, vec3 c, float scale, float extra) {
    vec3 q = p * scale;
#if KIND == 1
    return mix(a, b, band(q.z));
#elif KIND == 2
    return mix(a, b, band(q.x + q.y * 0.3));
#elif KIND == 3
    return mix(mix(a, b, 0.5 * band(q.z)), b, 0.5 * band(q.x));
#elif KIND == 4
    return skin(a, b, extra, p);
#elif KIND == 5
    return mix(a, b, smoothstep(0.3, 0.8, grain(q.xz * 0.11 + q.y * 0.07).r));
#elif KIND == 6
    { vec2 t = floor(q.xy + 0.5);
        vec3 s = a * (1.0 + extra * (hash(t) - 0.5)) * (1.0 + 0.12 * (grain(q.xy * 0.21).r - 0.5));
        return mix(s, b, max(line(q.x, 0.012), line(q.y, 0.012))); }
#elif KIND == 7
    { vec2 t = floor(vec2(q.x, q.y * 0.16 + 0.37 * floor(q.x)));
        vec3 s = a * (1.0 + extra * (hash(t) - 0.5)) * (1.0 + 0.3 * (grain(vec2(q.x * 0.6, q.y * 0.03)).r - 0.5));
        return mix(s, b, line(q.x, 0.02)); }
#elif KIND == 8
    { vec4 g = grain(q.xy * 0.31); vec4 h = grain(q.xy * 1.13 + 0.4);
        return mix(mix(a, b, smoothstep(0.58, 0.66, h.r)), c, smoothstep(0.62, 0.68, h.g)) * (0.94 + 0.12 * g.b); }
#elif KIND == 9
    { vec3 s = texture(prints, p.xy).rgb; return s * s * a; }
#elif KIND == 10
    { float row = floor(q.y); vec2 t = vec2(q.x + 0.5 * mod(row, 2.0), q.y);
        vec3 s = a * (1.0 + extra * (hash(floor(vec2(t.x * 0.45, row))) - 0.5));
        return mix(s, b, max(line(t.x * 0.45, 0.02), line(t.y, 0.06))); }
#elif KIND == 11
    { float h = clamp(normalize(world - vec3(eye.xy, 0.0)).z, 0.0, 1.0);
        vec3 s = mix(b, a, pow(h, 0.6));
        return mix(s, c, extra * smoothstep(0.45, 0.8, grain(normalize(world - eye).xy / (h + 0.25) * 0.25).r)); }
#elif KIND == 12
    { float g = grain(q.xy * 0.031).r * 0.6 + grain(q.xy * 0.27).g * 0.4;
        return mix(a, b, smoothstep(0.3, 0.7, g)) * (0.8 + 0.4 * grain(q.xy * 1.7).b); }
#elif KIND == 13
    return mix(a, b, line(q.z, 0.08));
#elif KIND == 14
    { float s = step(p.y, 0.0) * smoothstep(0.13, 0.12, length((p.xz - vec2(0.0, 0.38)) * vec2(1.0, 1.3)));
        return mix(a, mix(b, c, step(0.5, grain(p.xz * 1.6 + extra).r)), s * step(0.45, grain(p.xz * 2.3 + extra).g)); }
#elif KIND == 15
    { float s = smoothstep(0.030, 0.025, abs(p.z - 0.18)) + smoothstep(0.030, 0.025, abs(p.z - 0.33));
        return mix(a, b, clamp(s, 0.0, 1.0)); }
#elif KIND == 16
    return eyeball(a, p);
#else
    return a;
#endif
}
void main() {
    int t = first_triangle + gl_PrimitiveID;
    uvec2 ids = texelFetch(triangles, ivec2(t % 2048, t / 2048), 0).xy;
    int row = int(ids.x);
    vec4 m0 = texelFetch(materials, ivec2(0, row), 0), m1 = texelFetch(materials, ivec2(1, row), 0);
    vec4 m2 = texelFetch(materials, ivec2(2, row), 0), m3 = texelFetch(materials, ivec2(3, row), 0);
    vec3 albedo = pattern(m0.rgb, m1.rgb, m3.rgb, m1.a, m3.a);
#if KIND < 6 || KIND == 14
    vec4 folds = grain(p.xz * vec2(2.6, 1.2) + p.y * 1.3);
    albedo *= 1.0 + m2.w * (folds.b - 0.5) + m2.y * (1.4 * (folds.r - folds.g));
#elif KIND != 16
    albedo *= 1.0 + m2.w * (grain(p.xz * 0.17 + p.y * 0.09).r - 0.5);
#endif
#if KIND == 11
    vec3 c = albedo * m2.z;
#else
    vec2 cover = texture(contact, (world.xy - contact_frame.xy) * contact_frame.zw).rg;
    float up = max(world.z, 0.0);
    float open = 1.0 - 0.6 * cover.r * max(1.0 - up * 6.0, 0.0) - 0.4 * cover.g * max(1.0 - up * 0.9, 0.0);
    float lit = 0.0;
    for (int i = -1; i <= 1; i += 2) for (int j = -1; j <= 1; j += 2)
        lit += 0.25 * texture(shadow, vec3(in_shadow.xy + vec2(i, j) * sun_blur, in_shadow.z - 0.0015));
    vec3 c = albedo * (soft * open + hard * lit + m2.z);
#if (KIND >= 4 && KIND <= 10 && KIND != 5) || KIND == 16
    vec3 normal = normalize(n), view = normalize(eye - world);
    float away = 1.0 - max(dot(normal, view), 0.0);
    float glint = max(dot(normalize(sun_direction + view), normal), 0.0);
    glint *= glint; glint *= glint; glint *= glint; glint *= glint;
    c += m2.x * (sky_light * open * (0.04 + 0.5 * away * away * away * away) + hard * lit * glint * glint);
#endif
    c = mix(haze, c, clear_air);
#endif
    colour = vec4(sqrt(clamp(c * exposure, 0.0, 4.0)) * 0.5, 1.0);   // holds linear light up to 4, read back as (2c)^2
}
"""
