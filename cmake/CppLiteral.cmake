# cpp_literal(VARIABLE TEXT)
#
# Sets VARIABLE to TEXT as a literal of C++: raw, and in pieces, since compilers
# bound the length of one. For scripts that write sources of texts to compile in.
function(cpp_literal variable text)
  set(literal "")
  string(LENGTH "${text}" length)
  set(from 0)
  while(from LESS length)
    string(SUBSTRING "${text}" ${from} 16000 piece)
    string(APPEND literal "R\"text(${piece})text\"\n")
    math(EXPR from "${from} + 16000")
  endwhile()
  set(${variable} "${literal}" PARENT_SCOPE)
endfunction()
