-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
-- Required by main.lua.
local Shape = {}
Shape.__index = Shape

function Shape.new(name, sides)
  return setmetatable({name = name, sides = sides}, Shape)
end

function Shape.__lt(a, b) return #a.sides < #b.sides end
function Shape.__concat(a, b) return tostring(a) .. tostring(b) end
function Shape.__len(shape) return #shape.sides end
function Shape:__tostring() return string.format("%s<%d>", self.name, #self.sides) end

function Shape:perimeter()
  local sum = 0
  for _, side in ipairs(self.sides) do sum = sum + side end
  return sum
end

return Shape
