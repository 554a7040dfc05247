// share/scenes/pastel-podium.json for POV-Ray: the same bodies, camera, lamps and sky, with area lights and radiosity.
#version 3.7;
global_settings {
  assumed_gamma 1.0
  radiosity { pretrace_start 0.08 pretrace_end 0.01 count 120 nearest_count 8 error_bound 0.6 recursion_limit 2 low_error_factor 0.5 }
}
#default { finish { ambient 0 diffuse 1 emission 0 } }
background { rgb <0.36, 0.36, 0.36> }
camera { location <0, 0.815, 4.9> direction <0, 0, -1> right <-0.78, 0, 0> up <0, 0.78, 0> look_at <0, 0.60, 0> }
#macro Softbox(Place, Aim, Size, Rays, Bright)
  light_source { Place color rgb Bright area_light <Size, 0, 0>, <0, 0, Size>, Rays, Rays adaptive 1 jitter circular orient
    fade_distance vlength(Place - Aim) fade_power 2 }
#end
Softbox(<-3, 3.2, 1.8>, <0, 0.3, -0.2>, 0.8, 9, <1.03, 0.99, 0.9>)
Softbox(<3, 1.6, 2.4>, <0, 0.4, 0>, 2.4, 9, <0.08, 0.08, 0.085>)
#declare Wall = texture { pigment { srgb <0.937, 0.765, 0.741> } }
#declare Floor = texture { pigment { srgb <0.941, 0.788, 0.761> } finish { specular 0.15 roughness 0.05 } }
#declare Cream = texture { pigment { srgb <0.969, 0.890, 0.863> } finish { specular 0.2 roughness 0.04 } }
#declare Rose = texture { pigment { srgb <0.902, 0.655, 0.624> } }
#declare Pearl = texture { pigment { srgb <0.984, 0.945, 0.918> } finish { specular 0.4 roughness 0.02 reflection 0.04 } }
#declare Gold = texture { pigment { srgb <1, 0.875, 0.604> } finish { diffuse 0.1 reflection { 0.85 metallic } } }
plane { y, 0 texture { Floor } }
box { <-8, 0, -2.01>, <8, 6, -1.99> texture { Wall } }
#macro Arch(At, W, H, D, T)
  union { box { <-W/2, 0, -D/2>, <W/2, H - W/2, D/2> } cylinder { <0, H - W/2, -D/2>, <0, H - W/2, D/2>, W/2 } translate At texture { T } }
#end
Arch(<-0.25, 0, -1.75>, 1.4, 1.82, 0.22, Rose)
Arch(<0.56, 0, -1.4>, 0.72, 1.16, 0.2, Cream)
cylinder { <0, 0, 0.12>, <0, 0.14, 0.12>, 0.7 texture { Cream } }
cylinder { <0, 0.145, 0.12>, <0, 0.265, 0.12>, 0.53 texture { Rose } }
cylinder { <-0.74, 0, -0.62>, <-0.74, 0.56, -0.62>, 0.17 texture { Pearl } }
sphere { <-0.74, 0.66, -0.62>, 0.1 texture { Pearl } }
sphere { <0.78, 0.16, -0.42>, 0.16 texture { Rose } }
sphere { <-0.6, 0.085, 0.78>, 0.085 texture { Pearl } }
sphere { <0.62, 0.06, 0.74>, 0.06 texture { Gold } }
